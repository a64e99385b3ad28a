# R's numbers for the survival kernels: Rscript make_survival.R, in this folder
suppressMessages({library(survival); library(jsonlite)})
csv <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = FALSE)
arr <- function(x) I(as.vector(unname(x)))
write <- function(topic, cases) writeLines(toJSON(list(topic = topic,
  made_with = paste0(R.version.string, ", survival ", packageVersion("survival")),
  conventions = "NA: undefined or not reached; 15 significant digits", cases = cases),
  digits = I(15), auto_unbox = TRUE, na = "string", null = "null", pretty = 1), paste0(topic, ".json"))
case <- function(id, dataset, call, result) list(id = id, dataset = dataset, call = call, result = result)
types <- c("log", "log-log", "plain")
limits <- function(z) list(lower = arr(z$lower), upper = arr(z$upper))

km <- function(id, dataset, formula, at, curve = TRUE) {
  d <- csv(dataset)
  fits <- sapply(types, function(k) survfit(formula, d, conf.type = k), simplify = FALSE)
  labels <- if (is.null(fits$log$strata)) "all" else names(fits$log$strata)
  groups <- lapply(seq_along(labels), function(g) {
    own <- lapply(fits, function(z) if (is.null(z$strata)) z else z[g])
    s <- lapply(own, summary, times = at, extend = TRUE)
    z <- own$log
    r <- list(group = labels[g], n = z$n, events = sum(z$n.event),
      at_times = list(time = arr(at), n_risk = arr(s$log$n.risk), surv = arr(s$log$surv), ci = lapply(s, limits)),
      quantiles = lapply(own, function(z) { q <- quantile(z, 0.5)
        list(p = arr(0.5), est = arr(q$quantile), lower = arr(q$lower), upper = arr(q$upper)) }))
    if (curve) r$curve <- list(time = arr(z$time), n_risk = arr(z$n.risk), n_event = arr(z$n.event),
      n_censor = arr(z$n.censor), surv = arr(z$surv), ci = lapply(own, limits))
    r
  })
  case(id, dataset, paste0("survfit(", deparse(formula), ")"), list(groups = groups))
}
write("survfit", list(
  km("km_camis_plateau", "camis_plateau", Surv(time, event) ~ 1, c(54, 80, 100, 118, 120)),
  km("km_tiny_tg1", "tiny_tg1", Surv(time, event) ~ 1, c(0, 1, 6, 8, 9)),
  km("km_syn3_cohort", "synthetic3cohorts", Surv(time, event) ~ cohort, c(0, 12, 60, 120), curve = FALSE)))

lr <- function(id, dataset) {
  d <- csv(dataset); s <- survdiff(Surv(time, event) ~ x, d); df <- length(s$n) - 1
  case(id, dataset, "survdiff(Surv(time,event)~x)", list(n = nrow(d), survdiff_rho0 = list(
    observed = arr(s$obs), expected = arr(s$exp), chisq = s$chisq, df = df,
    p = pchisq(s$chisq, df, lower.tail = FALSE),
    log10_p = pchisq(s$chisq, df, lower.tail = FALSE, log.p = TRUE) / log(10))))
}
write("logrank", list(lr("lr_zero_events_arm", "zero_events_arm"), lr("lr_tiny_tg1", "tiny_tg1")))

control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
cox <- function(id, dataset, formula) {
  d <- csv(dataset)
  fits <- sapply(c("efron", "breslow"), function(ties) {
    f <- coxph(formula, d, ties = ties, control = control); b <- coef(f); V <- vcov(f); se <- sqrt(diag(V))
    test <- function(z) list(stat = z[[1]], df = z[[2]], p = z[[3]])
    list(terms = arr(names(b)), n = f$n, nevent = f$nevent, coef = arr(b), se = arr(se),
      p = arr(2 * pnorm(-abs(b / se))), hr = arr(exp(b)), hr_lower = arr(exp(b - qnorm(.975) * se)),
      hr_upper = arr(exp(b + qnorm(.975) * se)), vcov = apply(V, 1, arr, simplify = FALSE), loglik_null = f$loglik[1],
      loglik = f$loglik[2], lr = test(summary(f)$logtest), wald_unrounded = drop(t(b) %*% solve(V) %*% b),
      score = test(summary(f)$sctest))
  }, simplify = FALSE)
  case(id, dataset, paste0("coxph(", deparse(formula), ")"), fits)
}
write("coxph", list(
  cox("cox_tiny_tg1", "tiny_tg1", Surv(time, event) ~ x),
  cox("cox_syn3_pooled_stratified", "synthetic3cohorts", Surv(time, event) ~ IGF1R + strata(cohort))))
