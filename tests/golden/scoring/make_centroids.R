# R's numbers for the nearest centroid: Rscript make_centroids.R, in this folder, after make_gsva.R
suppressMessages(library(jsonlite))
x <- as.matrix(read.csv("ties.csv", row.names = 1)) + as.matrix(read.csv("plain.csv", row.names = 1))
set.seed(50)
genes <- sample(rownames(x), 40)
centroids <- matrix(round(rnorm(40 * 4), 1), 40, dimnames = list(genes, c("one", "two", "three", "four")))
x <- x[genes, ]
x[sample(length(x), 60)] <- NA
x[, "S05"] <- NA

rescale <- function(v, q) {             # as described for genefu's rescale
  e <- quantile(v, c(q / 2, 1 - q / 2), na.rm = TRUE)
  (v - e[1]) / (e[2] - e[1])
}
scalings <- list(none = x, median = x - apply(x, 1, median, na.rm = TRUE), scale = t(scale(t(x))),
  robust = t(apply(x, 1, function(v) (rescale(v, 0.05) - 0.5) * 2)))
correlations <- lapply(scalings, function(s)
  suppressWarnings(cor(s, centroids, method = "spearman", use = "pairwise.complete.obs")))
writeLines(toJSON(list(made_with = R.version.string, genes = genes, classes = colnames(centroids), centroids = centroids,
  values = x, correlations = correlations), digits = I(15), na = "null", auto_unbox = TRUE), "centroids.json")
