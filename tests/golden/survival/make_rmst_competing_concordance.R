# R's numbers for restricted means, competing risks and concordance: Rscript make_rmst_competing_concordance.R, here
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})
csv <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = FALSE)
arr <- function(x) I(as.vector(unname(x)))
write <- function(topic, cases) writeLines(toJSON(list(topic = topic,
  made_with = paste0(R.version.string, ", survival ", packageVersion("survival"), ", cmprsk ", packageVersion("cmprsk")),
  conventions = "NA: undefined or not reached; 15 significant digits", cases = cases),
  digits = I(15), auto_unbox = TRUE, na = "string", null = "null", pretty = 1), paste0(topic, ".json"))
case <- function(id, dataset, call, result) list(id = id, dataset = dataset, call = call, result = result)

# means and standard errors are survfit's; the contrasts are those of survRM2::rmst2
wald <- function(a, b, sa, sb, back = identity) {
  e <- b - a; s <- sqrt(sa^2 + sb^2); q <- qnorm(.975)
  list(est = back(e), se = s, lower = back(e - q * s), upper = back(e + q * s), p = 2 * pnorm(-abs(e / s)))
}
rmst <- function(id, dataset, column, taus) {
  d <- csv(dataset); d$arm <- d[[column]]
  rows <- lapply(taus, function(tau) {
    m <- sapply(0:1, function(k) summary(survfit(Surv(time, event) ~ 1, d[d$arm == k, ]), rmean = tau)$table[c("rmean", "se(rmean)")])
    a <- m[1, 1]; b <- m[1, 2]; sa <- m[2, 1]; sb <- m[2, 2]; la <- tau - a; lb <- tau - b
    list(tau = tau, arm0 = list(rmst = a, se = sa), arm1 = list(rmst = b, se = sb), difference = wald(a, b, sa, sb),
      ratio = wald(log(a), log(b), sa / a, sb / b, exp), rmtl_ratio = wald(log(la), log(lb), sa / la, sb / lb, exp))
  })
  case(id, dataset, paste0("arm1 (", column, "==1) - arm0 (", column, "==0)"), list(taus = rows))
}
write("rmst", list(rmst("rmst_syn3_treat", "synthetic3cohorts", "treat", c(36, 120)), rmst("rmst_tiny_tg1", "tiny_tg1", "x", c(8, 9))))

# every event of synthetic3cohorts is given a cause by a rule: 1 where er is 0, 2 where er is 1
competing <- function(id, group, strata = NULL) {
  d <- csv("synthetic3cohorts"); d$cause <- d$event * (1 + d$er); at <- c(6, 24, 60, 120)
  z <- if (is.null(strata)) cuminc(d$time, d$cause, d[[group]]) else cuminc(d$time, d$cause, d[[group]], strata = d[[strata]])
  tp <- timepoints(z, at)
  aj <- summary(survfit(Surv(time, factor(cause, 0:2)) ~ d[[group]], d), times = at, extend = TRUE)
  case(id, "synthetic3cohorts", paste0("cuminc(time, event * (1 + er), ", group, if (!is.null(strata)) paste0(", strata = ", strata), ")"),
    list(times = arr(at), cuminc = list(curves = arr(rownames(tp$est)), est = apply(tp$est, 1, arr, simplify = FALSE),
      var = apply(tp$var, 1, arr, simplify = FALSE)),
    gray_test = list(event = arr(rownames(z$Tests)), stat = arr(z$Tests[, "stat"]), p = arr(z$Tests[, "pv"]), df = arr(z$Tests[, "df"])),
    aalen_johansen = list(incidence = list(arr(aj$pstate[, 2]), arr(aj$pstate[, 3])), se = list(arr(aj$std.err[, 2]), arr(aj$std.err[, 3])))))
}
tiny <- data.frame(time = c(1, 2, 2, 3, 3, 3, 5, 6), event = c(0, 1, 2, 2, 0, 2, 0, 2))
write.csv(tiny, "data/tiny_competing.csv", row.names = FALSE)
a <- survfit(Surv(time, factor(event, 0:2)) ~ 1, tiny)
write("competing", list(
  case("cr_tiny_closed_form", "tiny_competing", "survfit(Surv(time, factor(event, 0:2)) ~ 1)", list(time = arr(a$time),
    p0 = arr(a$pstate[, 1]), cif1 = arr(a$pstate[, 2]), cif2 = arr(a$pstate[, 3]), se1 = arr(a$std.err[, 2]), se2 = arr(a$std.err[, 3]))),
  competing("cr_syn3_treat", "treat"), competing("cr_syn3_cohort", "cohort"), competing("cr_syn3_cohort_st_treat", "cohort", "treat")))

# entry by a rule: about half the time of those with treat == 1
conc <- function(id, formula, ...) {
  d <- csv("synthetic3cohorts"); d$entry <- ifelse(d$treat == 1, (d$time - 1) / 2, -1)
  z <- concordance(formula, d, reverse = TRUE, ...)
  counts <- if (is.matrix(z$count)) colSums(z$count) else z$count
  case(id, "synthetic3cohorts", paste(deparse(formula), collapse = ""), list(C = unname(z$concordance), se = sqrt(as.numeric(z$var)), counts = arr(counts)))
}
write("concordance", list(
  conc("cidx_syn3", Surv(time, event) ~ IGF1R), conc("cidx_syn3_uno", Surv(time, event) ~ IGF1R, timewt = "n/G2"),
  conc("cidx_syn3_horizon", Surv(time, event) ~ IGF1R, ymax = 60), conc("cidx_syn3_uno_horizon", Surv(time, event) ~ IGF1R, timewt = "n/G2", ymax = 60),
  conc("cidx_syn3_st", Surv(time, event) ~ IGF1R + strata(cohort)), conc("cidx_syn3_uno_st", Surv(time, event) ~ IGF1R + strata(cohort), timewt = "n/G2"),
  conc("cidx_syn3_entry", Surv(entry, time, event) ~ IGF1R), conc("cidx_syn3_entry_st", Surv(entry, time, event) ~ IGF1R + strata(cohort)),
  conc("cidx_syn3_cluster", Surv(time, event) ~ IGF1R + cluster(SPHK1))))
