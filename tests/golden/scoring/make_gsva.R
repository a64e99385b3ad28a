# R's numbers for the gene set scores: Rscript make_gsva.R, in this folder
suppressMessages({library(GSVA); library(jsonlite)})
genes <- sprintf("G%03d", 1:150); samples <- sprintf("S%02d", 1:24)
write_table <- function(x, name) write.csv(x, name, quote = FALSE)
named <- function(x) matrix(x, 150, dimnames = list(genes, samples))

set.seed(20240917)
plain <- named(round(rnorm(150 * 24, rep(rnorm(150, 8, 2), 24), rep(rexp(150), 24)), 4))
plain["G010", ] <- 5
ties <- named(pmax(0, round(rnorm(150 * 24, rep(rnorm(150, 1, 2), 24), 1.5))))
ties["G010", ] <- 3                     # constant
ties["G012", ] <- pmax(0, round(rnorm(24, 2, 1.5)))
ties["G011", ] <- ties["G012", ]        # equal in every sample
ties["G013", ] <- rev(ties["G012", ])   # the same values in other samples

sets <- list(five = genes[c(3, 50, 77, 120, 149)], constant = genes[c(8:13, 90)], twenty = sample(genes, 20),
  sixty = sample(genes, 60), missing = c(genes[60:67], "not-in-the-table", "nor-this"))

scores <- function(x) {
  run <- function(...) suppressWarnings(gsva(x, sets, ..., verbose = FALSE))
  invisible(capture.output(result <- list(
    gsva = run(method = "gsva", kcdf = "Gaussian", mx.diff = TRUE),
    ssgsea = run(method = "ssgsea", ssgsea.norm = FALSE),
    ssgsea_normalised = run(method = "ssgsea", ssgsea.norm = TRUE),
    zscore = run(method = "zscore"),
    plage = run(method = "plage"))))
  lapply(result, function(m) setNames(lapply(names(sets), function(s) as.vector(m[s, ])), names(sets)))
}
write_table(plain, "plain.csv")
write_table(ties, "ties.csv")
writeLines(toJSON(list(made_with = paste0(R.version.string, ", GSVA ", packageVersion("GSVA")), sets = sets,
  plain = scores(plain), ties = scores(ties)), digits = I(15), auto_unbox = TRUE), "gsva.json")
