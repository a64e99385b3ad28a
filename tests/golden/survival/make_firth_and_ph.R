# R's numbers for Firth's penalty and proportional hazards: Rscript make_firth_and_ph.R, in this folder
suppressMessages({library(survival); library(jsonlite)})
save_table <- function(d, name) write.csv(d, file.path("data", paste0(name, ".csv")), row.names = FALSE)
csv <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = FALSE)
arr <- function(x) I(as.vector(unname(x)))
write_topic <- function(topic, cases) writeLines(toJSON(list(topic = topic,
  made_with = paste0(R.version.string, ", survival ", packageVersion("survival")),
  conventions = "15 significant digits", cases = cases),
  digits = I(15), auto_unbox = TRUE, na = "string", null = "null", pretty = 1), paste0(topic, ".json"))
case <- function(id, dataset, call, result, ...) list(id = id, dataset = dataset, call = call, ..., result = result)

# every event comes from one group
save_table(data.frame(time = c(1, 2, 3), event = c(1, 1, 1), x = c(1, 1, 0)), "tiny_monotone")
# two groups whose survival curves cross
set.seed(11); n <- 150; a <- rexp(n, .1); b <- ifelse(runif(n) < .5, rexp(n, .5), 5 + rexp(n, .03))
censored <- runif(2 * n, 8, 30); time <- c(a, b)
save_table(data.frame(time = round(pmin(time, censored), 3), event = as.integer(time <= censored),
  x = rep(0:1, each = n)), "crossing")

# Firth by brute force: coxph() with no iteration gives the likelihood and its information at any coefficients; the
# penalised likelihood is then maximised on numerical derivatives alone (Richardson extrapolation).
firth <- function(id, dataset, formula, ties, width) {
  d <- csv(dataset)
  objective <- function(beta) {
    f <- coxph(formula, d, ties = ties, init = beta, control = coxph.control(iter.max = 0))
    list(value = f$loglik[1] - determinant(f$var)$modulus[1] / 2, se = sqrt(diag(f$var)))
  }
  value <- function(beta) objective(beta)$value
  slope <- function(f, x, k, h) { e <- replace(numeric(length(x)), k, 1)
    table <- sapply(h / 2^(0:3), function(s) (f(x + s * e) - f(x - s * e)) / (2 * s))
    for (m in 1:3) table <- (4^m * table[-1] - table[-length(table)]) / (4^m - 1)
    table }
  gradient <- function(f, x) sapply(seq_along(x), function(k) slope(f, x, k, width[k]))
  maximum <- function(f, x) { if (!length(x)) return(x)
    for (i in 1:50) {
      g <- gradient(f, x)
      H <- -matrix(sapply(seq_along(x), function(k) { e <- replace(numeric(length(x)), k, width[k] / 4)
        (gradient(f, x + e) - gradient(f, x - e)) / (width[k] / 2) }), length(x))
      step <- solve(H, g); step <- step / max(1, max(abs(step) / (10 * width)))
      while (f(x + step) < f(x) - 1e-12) step <- step / 2
      x <- x + step
      if (max(abs(step) / width) < 1e-10) break
    }
    x }
  p <- length(width); top <- maximum(value, numeric(p)); best <- value(top)
  profile <- function(k) function(v) { at <- function(others) value(append(others, v, k - 1))
    if (p == 1) value(v) else at(maximum(at, top[-k])) }
  limits <- sapply(1:p, function(k) { loss <- function(v) best - profile(k)(v) - qchisq(.95, 1) / 2
    lower <- top[k]; while (loss(lower) < 0) lower <- lower - 10 * width[k]
    upper <- top[k]; while (loss(upper) < 0) upper <- upper + 10 * width[k]
    c(uniroot(loss, c(lower, top[k]), tol = 1e-11)$root, uniroot(loss, c(top[k], upper), tol = 1e-11)$root) })
  p_values <- sapply(1:p, function(k) pchisq(2 * (best - profile(k)(0)), 1, lower.tail = FALSE))
  case(id, dataset, paste0("coxph(", deparse(formula), ")"), ties = ties, list(coef = arr(top),
    se_wald = arr(objective(top)$se), hr = arr(exp(top)), profile_lower_hr = arr(exp(limits[1, ])),
    profile_upper_hr = arr(exp(limits[2, ])), p_penalised_lr = arr(p_values), ploglik = best,
    ploglik_null = value(numeric(p))))
}
write_topic("firth", list(
  firth("firth_tiny_monotone", "tiny_monotone", Surv(time, event) ~ x, "breslow", .1),
  firth("firth_zero_events_arm", "zero_events_arm", Surv(time, event) ~ x, "breslow", .1),
  firth("firth_tiny_tg1_breslow", "tiny_tg1", Surv(time, event) ~ x, "breslow", .1),
  firth("firth_tiny_tg1_efron", "tiny_tg1", Surv(time, event) ~ x, "efron", .1),
  firth("firth_tiny_tg2_counting", "tiny_tg2", Surv(start, stop, event) ~ x, "breslow", .1),
  firth("firth_syn3_stratified", "synthetic3cohorts", Surv(time, event) ~ IGF1R + treat + strata(cohort), "efron",
    c(.02, .05))))

control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
ph <- function(id, dataset, formula, ties = "efron", transforms = c("km", "rank", "identity", "log")) {
  d <- csv(dataset); f <- coxph(formula, d, ties = ties, control = control, model = TRUE)
  tests <- sapply(transforms, function(transform) {
    z <- cox.zph(f, transform = transform, terms = FALSE)$table
    list(rows = arr(rownames(z)), chisq = arr(z[, 1]), df = arr(z[, 2]), p = arr(z[, 3])) }, simplify = FALSE)
  s <- as.matrix(residuals(f, "scaledsch"))
  case(id, dataset, paste0("cox.zph(coxph(", deparse(formula), "), terms=FALSE)"), ties = ties, c(tests,
    list(scaled_schoenfeld = list(time = arr(as.numeric(rownames(s))), columns = lapply(1:ncol(s), function(k)
      arr(s[, k]))))))
}
write_topic("coxzph", list(
  ph("zph_tiny_tg1", "tiny_tg1", Surv(time, event) ~ x),
  ph("zph_tiny_tg1_breslow", "tiny_tg1", Surv(time, event) ~ x, "breslow"),
  ph("zph_tiny_tg2_counting", "tiny_tg2", Surv(start, stop, event) ~ x),
  ph("zph_crossing", "crossing", Surv(time, event) ~ x),
  # an event at time 0 has no logarithm: R stops
  ph("zph_syn3_stratified", "synthetic3cohorts", Surv(time, event) ~ IGF1R + treat + strata(cohort),
    transforms = c("km", "rank", "identity"))))
