# R's numbers for the log-rank family and the rest of Cox's output: Rscript make_tests_and_cox.R, in this folder.
# Writes data/clustered.csv (drawn from synthetic3cohorts: coarse times with many ties, delayed entry, centres),
# data/small_unbalanced.csv, data/tiny_tg2.csv, logrank_family.json and coxph_robust.json.
suppressMessages({library(survival); library(jsonlite)})
csv <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = FALSE)
keep <- function(d, name) { write.csv(d, file.path("data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE); d }
arr <- function(x) I(as.vector(unname(x)))
write <- function(topic, cases) writeLines(toJSON(list(topic = topic,
  made_with = paste0(R.version.string, ", survival ", packageVersion("survival")),
  conventions = "NA: undefined or not reached; 15 significant digits", cases = cases),
  digits = I(15), auto_unbox = TRUE, na = "string", null = "null", pretty = 1), paste0(topic, ".json"))
case <- function(id, dataset, call, result) list(id = id, dataset = dataset, call = call, result = result)

s <- subset(csv("synthetic3cohorts"), !is.na(IGF1R) & time > 0); i <- seq_len(nrow(s))
clustered <- keep(data.frame(time = ceiling(s$time / 6), event = s$event, entry = pmin(i %% 4, ceiling(s$time / 6) - 1),
  IGF1R = s$IGF1R, treat = s$treat, er = s$er, cohort = s$cohort, arm = c("low", "mid", "high")[1 + i %% 3],
  centre = i %% 23), "clustered")
small <- keep(data.frame(time = c(3, 5, 6, 8, 11, 14, 17, 19, 23, 25, 28, 30, 33, 40, 42, 45, 50, 55),
  event = c(1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0), g = c(1, 1, 1, 1, rep(0, 14))), "small_unbalanced")
tg2 <- keep(data.frame(start = c(1, 2, 5, 2, 1, 7, 3, 4, 8, 8), stop = c(2, 3, 6, 7, 8, 9, 9, 9, 14, 17),
  event = c(1, 1, 1, 1, 1, 1, 1, 0, 0, 0), x = c(1, 0, 0, 1, 0, 1, 1, 1, 0, 0)), "tiny_tg2")

# The weighted tests from their definition, one event time after the other; survdiff itself gives rho only
weighted <- function(time, event, group, strata, weight, entry = rep(-Inf, length(time))) {
  group <- factor(group, sort(unique(group))); K <- nlevels(group); O <- E <- numeric(K); V <- matrix(0, K, K)
  for (one in unique(strata)) {
    own <- strata == one; S <- M <- 1
    for (t in sort(unique(time[own & event == 1]))) {
      n <- tabulate(group[own & time >= t & entry < t], K); d <- tabulate(group[own & time == t & event == 1], K)
      N <- sum(n); D <- sum(d); M <- M * (1 - D / (N + 1)); w <- weight(N, S, M)
      O <- O + w * d; E <- E + w * D * n / N
      if (N > 1) V <- V + w^2 * D * (N - D) / (N - 1) * (diag(n / N, K) - outer(n / N, n / N))
      S <- S * (1 - D / N)
    }
  }
  u <- (O - E)[-1]; chisq <- drop(u %*% solve(V[-1, -1, drop = FALSE], u))
  list(weighted_observed = arr(O), weighted_expected = arr(E), var = apply(V, 1, arr, simplify = FALSE), chisq = chisq,
       df = K - 1, p = pchisq(chisq, K - 1, lower.tail = FALSE),
       log10_p = pchisq(chisq, K - 1, lower.tail = FALSE, log.p = TRUE) / log(10))
}
weights <- list("log-rank" = function(N, S, M) 1, "gehan" = function(N, S, M) N,
  "tarone-ware" = function(N, S, M) sqrt(N), "peto" = function(N, S, M) S, "peto-modified" = function(N, S, M) M,
  "fleming-harrington(0, 1)" = function(N, S, M) 1 - S, "fleming-harrington(1, 1)" = function(N, S, M) S * (1 - S),
  "fleming-harrington(0.5, 2)" = function(N, S, M) sqrt(S) * (1 - S)^2)
family <- function(id, d, group, strata = NULL, entry = NULL) {
  by <- if (is.null(strata)) rep(1, nrow(d)) else d[[strata]]
  at <- if (is.null(entry)) rep(-Inf, nrow(d)) else d[[entry]]
  found <- lapply(weights, function(w) weighted(d$time, d$event, d[[group]], by, w, at))
  if (is.null(entry)) for (rho in 0:1) {  # what survdiff can do must agree
    r <- if (is.null(strata)) survdiff(Surv(d$time, d$event) ~ d[[group]], rho = rho) else
      survdiff(Surv(d$time, d$event) ~ d[[group]] + strata(by), rho = rho)
    stopifnot(isTRUE(all.equal(found[[c("log-rank", "peto")[rho + 1]]]$chisq, r$chisq, tolerance = 1e-10)))
  }
  case(id, "clustered", paste(c(group, strata, entry), collapse = " | "),
       list(group = group, strata = strata, entry = entry, weights = found))
}
onestep <- function(d) { r <- survdiff(Surv(time, event) ~ x, d); b <- (r$obs[2] - r$exp[2]) / r$var[2, 2]
  se <- 1 / sqrt(r$var[2, 2])
  list(log_hr = b, se = se, hr = exp(b), lower = exp(b - qnorm(.975) * se), upper = exp(b + qnorm(.975) * se)) }
scores <- function(d) { f <- survfit(Surv(time, event) ~ 1, d)
  d$event - approx(f$time, f$cumhaz, d$time, method = "constant", rule = 2)$y }
exact <- function(d, g) { sc <- scores(d); seen <- abs(sum(sc[g == 1]))
  all <- combn(nrow(d), sum(g == 1), function(i) abs(sum(sc[i])))
  list(n_splits = length(all), excess = seen, p = mean(all >= seen - 1e-12)) }
zero <- csv("zero_events_arm")
write("logrank_family", list(
  family("two_groups", clustered, "treat"), family("three_groups", clustered, "arm"),
  family("stratified", clustered, "arm", strata = "cohort"), family("delayed_entry", clustered, "treat", entry = "entry"),
  case("peto_one_step", "zero_events_arm", "(O - E) / V", onestep(zero)),
  case("exact_4_vs_14", "small_unbalanced", "combn(18, 4)", exact(small, small$g)),
  case("exact_tied", "tiny_tg1", "combn(6, 3)", exact(csv("tiny_tg1"), csv("tiny_tg1")$x))))

control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
cox <- function(id, dataset, formula, ties = c("efron", "breslow")) {
  d <- csv(dataset)
  fits <- sapply(ties, function(kind) {
    f <- coxph(formula, d, ties = kind, control = control); class(f) <- "coxph"  # missing where exact and delayed
    b <- coef(f); V <- vcov(f)
    naive <- if (is.null(f$naive.var)) V else f$naive.var; se <- sqrt(diag(V)); z <- b / se
    r <- list(terms = arr(names(b)), n = f$n, nevent = f$nevent, coef = arr(b), se = arr(sqrt(diag(naive))),
      p = arr(2 * pnorm(-abs(z))), log10_p = arr((log(2) + pnorm(-abs(z), log.p = TRUE)) / log(10)),
      lower = arr(exp(b - qnorm(.975) * se)), upper = arr(exp(b + qnorm(.975) * se)),
      loglik_null = f$loglik[1], loglik = f$loglik[2], score = f$score, wald = drop(t(b) %*% solve(V) %*% b),
      concordance = f$concordance[["concordance"]], concordance_se = f$concordance[["std"]])
    if (!is.null(f$naive.var)) r$robust_se <- arr(se)
    r
  }, simplify = FALSE)
  case(id, dataset, paste0("coxph(", deparse(formula, width.cutoff = 500), ")"), fits)
}
write("coxph_robust", list(
  cox("cluster", "clustered", Surv(time, event) ~ IGF1R + treat + cluster(centre)),
  cox("cluster_strata", "clustered", Surv(time, event) ~ IGF1R + treat + strata(cohort) + cluster(centre)),
  cox("cluster_entry", "clustered", Surv(entry, time, event) ~ IGF1R + treat + strata(cohort) + cluster(centre)),
  cox("entry", "tiny_tg2", Surv(start, stop, event) ~ x),
  cox("exact", "clustered", Surv(time, event) ~ IGF1R + treat, ties = "exact"),
  cox("exact_strata", "clustered", Surv(time, event) ~ IGF1R + treat + strata(cohort), ties = "exact"),
  cox("exact_entry", "tiny_tg2", Surv(start, stop, event) ~ x, ties = "exact")))
