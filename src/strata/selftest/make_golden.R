# R's answers for `strata selftest`, on tables that this program invents.
#
#   apt-get install r-base-core r-cran-survival r-cran-jsonlite r-cran-maxstat r-cran-cmprsk r-cran-metafor
#   Rscript make_golden.R          # writes golden.json beside this file's working folder
#
# Every value is given with the call that made it; P values are compared by their logarithm.
suppressMessages({library(survival); library(jsonlite); library(maxstat); library(cmprsk); library(metafor)})

set.seed(20240611, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 120
trial <- data.frame(
  arm = rep(0:1, n / 2),
  grade = sample(1:3, n, TRUE),
  site = sample(c("a", "b", "c"), n, TRUE),
  age = round(rnorm(n, 58, 10), 1),
  marker = round(rnorm(n), 3),
  pair = rep(1:(n / 2), each = 2)
)
hazard <- with(trial, 0.03 * exp(0.5 * arm + 0.3 * (grade - 2) + 0.4 * marker * arm + 0.02 * (age - 58)))
death <- rexp(n, hazard); censored <- runif(n, 6, 60)
trial$event <- as.integer(death <= censored)
trial$time <- pmax(round(pmin(death, censored)), 1)                       # whole months: many ties
trial$entry <- ifelse(runif(n) < 0.4, pmin(round(runif(n, 0, 5)), trial$time - 1), 0)
trial$cause <- ifelse(trial$event == 1, sample(1:2, n, TRUE, c(0.7, 0.3)), 0L)
untied <- data.frame(time = round(pmin(death, censored), 5), event = trial$event, marker = trial$marker)
stopifnot(!anyDuplicated(untied$time))
rare <- data.frame(time = c(3, 5, 6, 8, 2, 4, 7, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18),
                   event = c(1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0),
                   group = rep(c(1, 0), c(4, 14)))
silent <- data.frame(time = c(6, 8, 9, 12, 14, 15, 2, 3, 3, 5, 7, 10, 11, 13, 16, 17),
                     event = c(0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0),
                     group = rep(c(0, 1), c(6, 10)))
cohorts <- data.frame(log_hr = c(0.62, 0.11, 0.45, -0.08, 0.31), se = c(0.21, 0.15, 0.30, 0.24, 0.12))
screen <- data.frame(p = c(0.001, 0.008, 0.008, 0.039, 0.041, 0.042, 0.06, NA, 0.074, 0.205, 1e-300, 1))

cases <- list()
add <- function(id, what, r, values, tolerance = 1e-9)
  cases[[id]] <<- list(what = what, r = r, tolerance = tolerance, values = as.list(values))
chi <- function(x, df = 1) c(chi_squared = x, p_value = pchisq(x, df, lower.tail = FALSE))
y <- with(trial, Surv(time, event))

# ---- curves
for (kind in c("log-log", "log", "plain", "logit", "arcsin")) {
  at <- summary(survfit(y ~ 1, conf.type = kind), times = c(12, 24))
  add(paste0("kaplan-meier-", kind), paste0("Kaplan-Meier, ", kind, " interval"),
      sprintf('survfit(Surv(time, event) ~ 1, conf.type = "%s")', kind),
      c(survival_12 = at$surv[1], lower_12 = at$lower[1], upper_12 = at$upper[1],
        survival_24 = at$surv[2], lower_24 = at$lower[2], upper_24 = at$upper[2]))
}
q <- quantile(survfit(y ~ 1, conf.type = "log-log"), 0.5)
add("median", "Median survival", "quantile(survfit(..., conf.type = \"log-log\"), 0.5)",
    c(median = q$quantile[[1]], lower = q$lower[[1]], upper = q$upper[[1]]))
at <- summary(survfit(Surv(entry, time, event) ~ 1, trial, conf.type = "log-log"), times = 24)
add("kaplan-meier-entry", "Kaplan-Meier, delayed entry", "survfit(Surv(entry, time, event) ~ 1)",
    c(survival_24 = at$surv, lower_24 = at$lower, upper_24 = at$upper))
f <- summary(survfit(Surv(time, 1 - event) ~ 1, trial))$table
add("follow-up", "Median follow-up, reverse Kaplan-Meier", "survfit(Surv(time, 1 - event) ~ 1)", c(median = f[["median"]]))

# ---- log-rank tests
add("log-rank", "Log-rank", "survdiff(Surv(time, event) ~ arm)", chi(survdiff(y ~ arm, trial)$chisq))
add("log-rank-3", "Log-rank, three groups", "survdiff(Surv(time, event) ~ grade)", chi(survdiff(y ~ grade, trial)$chisq, 2))
add("log-rank-stratified", "Log-rank, stratified", "survdiff(Surv(time, event) ~ arm + strata(site))",
    chi(survdiff(y ~ arm + strata(site), trial)$chisq))
weighted <- function(w) {
  t <- sort(unique(trial$time[trial$event == 1]))
  n_ <- sapply(t, function(s) sum(trial$time >= s)); n1 <- sapply(t, function(s) sum(trial$time >= s & trial$arm == 1))
  d <- sapply(t, function(s) sum(trial$time == s & trial$event == 1))
  d1 <- sapply(t, function(s) sum(trial$time == s & trial$event == 1 & trial$arm == 1))
  s_before <- c(1, cumprod(1 - d / n_))[seq_along(t)]
  weight <- switch(w, gehan = n_, `tarone-ware` = sqrt(n_), fh = 1 - s_before)
  v <- ifelse(n_ > 1, d * n1 * (n_ - n1) * (n_ - d) / (n_^2 * (n_ - 1)), 0)
  sum(weight * (d1 - d * n1 / n_))^2 / sum(weight^2 * v)
}
add("log-rank-gehan", "Gehan-Wilcoxon", "sum of n(t) (O - E), in make_golden.R", chi(weighted("gehan")))
add("log-rank-tarone-ware", "Tarone-Ware", "sum of sqrt(n(t)) (O - E), in make_golden.R", chi(weighted("tarone-ware")))
add("log-rank-fh-1-0", "Fleming-Harrington (1, 0)", "survdiff(Surv(time, event) ~ arm, rho = 1)",
    chi(survdiff(y ~ arm, trial, rho = 1)$chisq))
add("log-rank-fh-0-1", "Fleming-Harrington (0, 1)", "sum of (1 - S(t-)) (O - E), in make_golden.R", chi(weighted("fh")))
s <- survdiff(y ~ grade, trial); k <- 1:3
# the trend statistic takes its variance from the covariance matrix of survdiff
add("log-rank-trend", "Log-rank for trend", "survdiff(...): (k'(O - E))^2 / k'Vk with k = 1, 2, 3",
    chi(sum(k * (s$obs - s$exp))^2 / drop(t(k) %*% s$var %*% k)))
o <- function(g) { d <- survdiff(Surv(time, event) ~ g, rare); abs(d$obs[2] - d$exp[2]) }
sets <- combn(18, 4); seen <- o(rare$group)
every <- apply(sets, 2, function(i) o(as.integer(seq_len(18) %in% i)))
add("log-rank-exact", "Log-rank, exact (4 against 14)", "survdiff over all 3,060 splits, in make_golden.R",
    c(p_value = mean(every >= seen * (1 - 1e-9))))

# ---- Cox regression
tests <- function(fit) c(likelihood_ratio = 2 * diff(fit$loglik), score = fit$score)
terms <- function(fit) c(coefficient_1 = coef(fit)[[1]], se_1 = sqrt(diag(vcov(fit)))[[1]],
                         coefficient_2 = coef(fit)[[2]], se_2 = sqrt(diag(vcov(fit)))[[2]])
tight <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)
for (ties in c("efron", "breslow", "exact")) {
  fit <- coxph(y ~ arm + age, trial, ties = ties, control = tight)
  add(paste0("cox-", ties), paste0("Cox regression, ", tools::toTitleCase(ties), " ties"),
      sprintf('coxph(Surv(time, event) ~ arm + age, ties = "%s")', ties), c(terms(fit), tests(fit)), 1e-7)
}
add("cox-stratified", "Cox regression, stratified", "coxph(Surv(time, event) ~ arm + age + strata(site))",
    terms(coxph(y ~ arm + age + strata(site), trial, control = tight)), 1e-7)
add("cox-entry", "Cox regression, delayed entry", "coxph(Surv(entry, time, event) ~ arm + age)",
    terms(coxph(Surv(entry, time, event) ~ arm + age, trial, control = tight)), 1e-7)
fit <- coxph(y ~ arm + age, trial, cluster = pair, control = tight)
add("cox-cluster", "Cox regression, robust standard errors", "coxph(Surv(time, event) ~ arm + age, cluster = pair)",
    c(robust_se_1 = sqrt(fit$var[1, 1]), robust_se_2 = sqrt(fit$var[2, 2])), 1e-7)
noisy <- with(trial, Surv(time / 12 * (1 + (seq_len(n) %% 3) * 2^-52), event))
add("cox-float-ties", "Cox regression, times that differ by rounding alone", "coxph(Surv(time / 12 with noise, event) ~ arm + age)",
    terms(coxph(noisy ~ arm + age, trial, control = tight)), 1e-7)
trial$high <- as.integer(trial$grade > 1)
with_ <- coxph(y ~ arm * high, trial, control = tight); without <- coxph(y ~ arm + high, trial, control = tight)
add("interaction", "Treatment by marker interaction", "anova(coxph(~ arm + high), coxph(~ arm * high))",
    c(hazard_ratio = exp(coef(with_)[[3]]), lower = exp(confint(with_)[3, 1]), upper = exp(confint(with_)[3, 2]),
      likelihood_ratio = 2 * (with_$loglik[2] - without$loglik[2]),
      p_value = pchisq(2 * (with_$loglik[2] - without$loglik[2]), 1, lower.tail = FALSE)), 1e-7)
z <- cox.zph(coxph(y ~ arm + age, trial, control = tight), transform = "km")$table
add("proportional-hazards", "Proportional hazards test", 'cox.zph(coxph(~ arm + age), transform = "km")',
    c(chi_squared_1 = z[1, 1], p_value_1 = z[1, 3], chi_squared_2 = z[2, 1], p_value_2 = z[2, 3],
      global_chi_squared = z[3, 1], global_p_value = z[3, 3]), 1e-7)

# ---- Firth: Breslow likelihood of coxph plus half the log determinant of its information
at_b <- function(b) coxph(Surv(time, event) ~ group, silent, ties = "breslow", init = b, control = coxph.control(iter.max = 0))
fixed <- function(b) suppressWarnings(at_b(b))
information <- function(b) 1 / vcov(fixed(b))[1, 1]
penalised <- function(b) fixed(b)$loglik[2] + log(information(b)) / 2
score <- function(b) sum(coxph.detail(fixed(b))$score) +
  (information(b + 1e-4) - information(b - 1e-4)) / (2e-4 * 2 * information(b))
b <- uniroot(score, c(-2, 8), tol = 1e-13)$root
drop_ <- function(x) 2 * (penalised(b) - penalised(x)) - qchisq(0.95, 1)
add("firth", "Firth's penalised likelihood, an arm without events", "coxph(..., ties = \"breslow\") at fixed b, in make_golden.R",
    c(coefficient = b, lower = exp(uniroot(drop_, c(b - 12, b), tol = 1e-12)$root),
      upper = exp(uniroot(drop_, c(b, b + 20), tol = 1e-12)$root),
      p_value = pchisq(2 * (penalised(b) - penalised(0)), 1, lower.tail = FALSE)), 1e-5)

# ---- restricted mean, competing risks, concordance
r <- summary(survfit(y ~ arm, trial), rmean = 36)$table
est <- r[, "rmean"]; se <- r[, "se(rmean)"]; d <- est[[2]] - est[[1]]; se_d <- sqrt(sum(se^2))
add("restricted-mean", "Restricted mean survival to 36 months", "survfit(Surv(time, event) ~ arm), rmean = 36",
    c(mean_0 = est[[1]], se_0 = se[[1]], mean_1 = est[[2]], se_1 = se[[2]], difference_of_arms = abs(d),
      p_value = 2 * pnorm(-abs(d) / se_d)))
cu <- with(trial, cuminc(time, cause, arm))
add("gray", "Gray's test", "cmprsk::cuminc(time, cause, arm)$Tests",
    c(chi_squared_1 = cu$Tests[1, 1], p_value_1 = cu$Tests[1, 2], chi_squared_2 = cu$Tests[2, 1], p_value_2 = cu$Tests[2, 2]))
all_ <- with(trial, cuminc(time, cause)); tp <- timepoints(all_, c(12, 24))$est
add("cumulative-incidence", "Cumulative incidence, Aalen-Johansen", "cmprsk::cuminc(time, cause)",
    c(cause_1_at_12 = tp[1, 1], cause_1_at_24 = tp[1, 2], cause_2_at_12 = tp[2, 1], cause_2_at_24 = tp[2, 2]))
add("concordance", "Concordance, Harrell", "concordance(Surv(time, event) ~ age, reverse = TRUE)",
    with(concordance(y ~ age, trial, reverse = TRUE), c(concordance = concordance[[1]], se = sqrt(var))))
add("concordance-uno", "Concordance, Uno", "concordance(..., timewt = \"n/G2\", reverse = TRUE)",
    c(concordance = concordance(y ~ age, trial, reverse = TRUE, timewt = "n/G2")$concordance[[1]]))

# ---- many cut-points, many tests, many cohorts
for (m in c("Lau92", "Lau94", "HL")) {
  x <- maxstat.test(Surv(time, event) ~ marker, untied, smethod = "LogRank", pmethod = m, minprop = 0.1, maxprop = 0.9)
  add(paste0("cut-point-", tolower(m)), paste0("Maximally selected log-rank, ", m),
      sprintf('maxstat.test(Surv(time, event) ~ marker, smethod = "LogRank", pmethod = "%s")', m),
      # for HL maxstat rounds the scores to whole numbers, and its statistic with them
      c(if (m != "HL") c(statistic = x$statistic[[1]]), cut = x$estimate[[1]], p_value = x$p.value[[1]]), 1e-6)
}
for (m in c("BH", "BY", "holm", "hochberg", "hommel", "bonferroni")) {
  a <- p.adjust(screen$p, m); v <- a[!is.na(a)]
  add(paste0("adjust-p-", tolower(m)), paste0("Adjusted P, ", m), sprintf('p.adjust(p, "%s")', m),
      setNames(as.list(v), paste0("p_value_", which(!is.na(a)))))
}
for (m in c("FE", "DL", "REML", "PM")) for (hk in if (m == "FE") "z" else c("z", "knha")) {
  x <- rma(yi = log_hr, sei = se, data = cohorts, method = m, test = hk, control = list(threshold = 1e-13, maxiter = 1000, tol = 1e-13))
  add(paste0("meta-", tolower(m), if (hk == "knha") "-hk"), paste0("Meta-analysis, ", m, if (hk == "knha") ", Hartung-Knapp"),
      sprintf('metafor::rma(log_hr, sei = se, method = "%s", test = "%s")', m, hk),
      c(estimate = x$b[[1]], se = x$se, lower = x$ci.lb, upper = x$ci.ub, p_value = x$pval,
        if (m != "FE") c(tau_squared = x$tau2)), if (m %in% c("REML", "PM")) 1e-5 else 1e-9)
}

versions <- c(R = as.character(getRversion()), sapply(c("survival", "maxstat", "cmprsk", "metafor"), function(p) as.character(packageVersion(p))))
write_json(list(made_with = as.list(versions), tables = list(trial = trial, untied = untied, rare = rare, silent = silent, cohorts = cohorts, screen = screen),
                cases = cases), "golden.json", dataframe = "columns", digits = NA, auto_unbox = TRUE, na = "null", pretty = 0)
cat(length(cases), "cases\n")
