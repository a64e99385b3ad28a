# What runs in R: Rscript peers.R FUNCTION FOLDER ANSWERS NAME=VALUE ...
argument <- commandArgs(TRUE)
folder <- argument[2]
pairs_of <- strsplit(argument[-(1:3)], "=")
option <- setNames(lapply(pairs_of, `[`, 2), sapply(pairs_of, `[`, 1))
number <- function(name) as.numeric(option[[name]])

doubles <- function(name, n) readBin(file.path(folder, name), "double", n)
shape <- if (file.exists(file.path(folder, "shape"))) scan(file.path(folder, "shape"), quiet = TRUE)
keep <- function(name, values) writeBin(as.double(values), paste0(argument[3], name))
say <- function(seconds, extra = 0) cat(sprintf('\n{"seconds": %.9g, "extra": %.9g}\n', seconds, extra))
now <- function() as.numeric(Sys.time())
picked <- function(k, of) ((seq_len(k) - 1) * of) %/% k + 1
# seconds a call, after a first one that is not counted, and the numbers of all calls as rows
looped <- function(test, indices) {
  test(indices[1])
  start <- now()
  rows <- lapply(indices, test)
  list(seconds = (now() - start) / length(indices), numbers = do.call(rbind, rows))
}

# -- reading

text_file <- function() {
  path <- file.path(folder, option$path)
  if (grepl("gz$", path)) list(cmd = paste("gzip -dc", shQuote(path))) else list(path)
}
wanted <- function() sprintf("G%05d", as.integer(picked(number("k"), shape[1]) - 1))
fread <- function() {
  library(data.table)
  start <- now()
  x <- do.call(data.table::fread, text_file())
  x <- x[match(wanted(), x$gene), ]
  say(now() - start)
  keep("values", t(as.matrix(x[, -1])))
}
fread_all <- function() {
  library(data.table)
  start <- now()
  x <- do.call(data.table::fread, text_file())
  say(now() - start)
  keep("values", t(as.matrix(x[match(wanted(), x$gene), -1])))
}

# -- tests of one group; `_fit` without formula and model frame

tests <- function(time, event) {
  suppressMessages(library(survival))
  y <- Surv(time, event)
  n <- length(time)
  stratum <- rep(1L, n)
  control <- coxph.control()
  list(
    log_rank = function(x) survdiff(y ~ x)$chisq,
    cox = function(x) coef(coxph(y ~ x)),
    log_rank_fit = function(x) {
      fit <- survival:::survdiff.fit(y, x + 1L, stratum)
      (fit$observed[1] - fit$expected[1])^2 / fit$var[1, 1]
    },
    cox_fit = function(x) {
      coxph.fit(matrix(x), y, NULL, NULL, NULL, control, NULL, "efron", as.character(seq_len(n)), resid = FALSE)$coefficients
    }
  )
}
loop_of <- function(name, answer) {
  patients <- shape[2]
  groups <- matrix(doubles("values", prod(shape)), patients)
  one <- tests(doubles("time", patients), doubles("event", patients))[[name]]
  found <- looped(function(i) one(groups[, i]), seq_len(number("k")))
  say(found$seconds)
  keep(answer, found$numbers)
}
log_rank <- function() loop_of("log_rank", "chi_squared")
log_rank_fit <- function() loop_of("log_rank_fit", "chi_squared")
cox <- function() loop_of("cox", "coefficients")
cox_fit <- function() loop_of("cox_fit", "coefficients")

# -- every gene

genome_by <- function(log_rank, cox) {
  patients <- shape[2]
  values <- matrix(doubles("values", prod(shape)), patients)
  test <- tests(doubles("time", patients), doubles("event", patients))
  one <- function(i) {
    high <- as.numeric(values[, i] > median(values[, i]))
    c(test[[log_rank]](high), test[[cox]](high))
  }
  found <- looped(one, picked(number("k"), shape[1]))
  say(found$seconds * shape[1])
  keep("chi_squared", found$numbers[, 1])
  keep("coefficients", found$numbers[, 2])
}
genome <- function() genome_by("log_rank", "cox")
genome_fit <- function() genome_by("log_rank_fit", "cox_fit")
genome_disk <- function() {
  suppressMessages(library(survival))
  start <- now()
  clinical <- read.delim(file.path(folder, "cohort", "clinical.tsv"))
  x <- data.table::fread(file.path(folder, "cohort", "mrna.tsv"))
  some <- picked(number("k"), nrow(x))
  genes <- x[[1]][some]
  x <- as.matrix(as.data.frame(x)[, -1])
  y <- Surv(clinical$os_months, clinical$os_event)
  looping <- now()
  rows <- lapply(some, function(i) {
    high <- as.numeric(x[i, ] > median(x[i, ]))
    chisq <- survdiff(y ~ high)$chisq
    fit <- summary(coxph(y ~ high))
    c(chisq, pchisq(chisq, 1, lower.tail = FALSE), fit$conf.int[c(1, 3, 4)], fit$coefficients[c(5, 1)])
  })
  extra <- (now() - looping) * (nrow(x) / length(some) - 1)
  found <- data.frame(genes, do.call(rbind, rows))
  names(found) <- c("gene", "chi2", "p", "hr", "lower", "upper", "wald_p", "coef")
  found$q <- p.adjust(found$p, "BH")
  write.table(found[order(found$p), ], file.path(folder, "R-ranked.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
  say(now() - start + extra, extra)
  keep("chi_squared", found$chi2)
  keep("coefficients", found$coef)
}

# -- cut-points

cut_loop <- function(one, p) {
  k <- number("k")
  first <- if (is.null(option$first)) k else number("first")
  patients <- shape[2]
  values <- matrix(doubles("values", prod(shape)), patients)
  table <- data.frame(time = doubles("time", patients), event = doubles("event", patients))
  found <- looped(function(i) one(cbind(table, x = values[, i])), picked(k, shape[1])[seq_len(first)])
  say(found$seconds * shape[1])
  keep("cuts", found$numbers[, 1])
  keep("statistics", found$numbers[, 2])
  if (p) keep("p_values", found$numbers[, 3])
}
surv_cutpoint <- function() {
  suppressMessages({ library(survival); library(survminer) })
  one <- function(table) unlist(survminer::surv_cutpoint(table, "time", "event", "x")$cutpoint[1, ])
  cut_loop(one, FALSE)
}
maxstat <- function() {
  suppressMessages({ library(survival); library(maxstat) })
  B <- if (is.null(option$permutations)) 0 else number("permutations")
  one <- function(table) {
    found <- maxstat.test(Surv(time, event) ~ x, table, smethod = "LogRank", pmethod = option$method, B = B)
    c(found$estimate, found$statistic, found$p.value)
  }
  cut_loop(one, option$method == "condMC")
}

# -- pairs

pairs_by <- function(name) {
  patients <- shape[2]
  values <- matrix(doubles("values", prod(shape)), patients)
  best <- matrix(doubles("best-pairs", 2 * number("k")), 2) + 1
  test <- tests(doubles("time", patients), doubles("event", patients))[[name]]
  high <- function(i) values[, i] > median(values[, i])
  both <- lapply(seq_len(ncol(best)), function(j) as.numeric(high(best[1, j]) & high(best[2, j])))
  found <- looped(function(j) test(both[[j]]), seq_along(both))
  say(found$seconds * shape[1] * (shape[1] - 1) / 2)
  keep("chi_squared", found$numbers)
}
pairs <- function() pairs_by("log_rank")
pairs_fit <- function() pairs_by("log_rank_fit")

# -- gene sets: here the shape is samples, genes

gsva <- function() {
  suppressMessages(library(GSVA))
  x <- matrix(doubles("values", prod(shape)), shape[2])
  rownames(x) <- readLines(file.path(folder, "genes"))
  colnames(x) <- paste0("S", seq_len(shape[1]))
  x <- x[, seq_len(shape[1] %/% number("part"))]
  rows <- strsplit(readLines(file.path(folder, "sets.gmt")), "\t")
  sets <- setNames(lapply(rows, `[`, -(1:2)), sapply(rows, `[`, 1))
  run <- if (exists("gsvaParam", asNamespace("GSVA"))) {
    parameters <- if (option$method == "ssgsea") ssgseaParam(x, sets, normalize = FALSE) else gsvaParam(x, sets, kcdf = "Gaussian")
    function() GSVA::gsva(parameters, verbose = FALSE)
  } else {
    function() GSVA::gsva(x, sets, method = option$method, kcdf = "Gaussian", ssgsea.norm = FALSE, verbose = FALSE)
  }
  start <- now()
  invisible(capture.output(scores <- run()))
  say((now() - start) * number("part"))
  keep("scores", scores[names(sets), ])
}

get(argument[1])()
