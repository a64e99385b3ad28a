# R's numbers for cut-points, adjusted P values, interaction and meta-analysis: Rscript make_cuts_multiplicity_meta.R,
# in this folder. Writes data/westfall_young10.csv, data/tied_marker.csv (both invented or drawn from
# synthetic3cohorts), cutpoint.json, padjust.json, interaction.json and meta.json.
suppressMessages({library(survival); library(maxstat); library(metafor); library(jsonlite)})
csv <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = FALSE)
keep <- function(d, name) { write.csv(d, file.path("data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE); d }
arr <- function(x) I(as.vector(unname(x)))
num <- function(x) unname(as.numeric(x))
versions <- paste0(R.version.string, ", ", paste(sapply(c("survival", "maxstat", "metafor"), function(p)
  paste(p, packageVersion(p))), collapse = ", "))
write <- function(topic, cases) writeLines(toJSON(list(topic = topic, made_with = versions,
  conventions = "NA: undefined or not reached; 15 significant digits", cases = cases),
  digits = I(15), auto_unbox = TRUE, na = "string", null = "null", pretty = 1), paste0(topic, ".json"))
case <- function(id, dataset, call, result) list(id = id, dataset = dataset, call = call, result = result)

# ---- cut-points: the whole synthetic table; one cohort of it with tied times and a tied marker
syn <- csv("synthetic3cohorts")
tied <- subset(syn, cohort == "A" & !is.na(SPHK1))
tied <- keep(data.frame(time = ceiling(tied$time / 6), event = tied$event, marker = round(tied$SPHK1)), "tied_marker")
cut_of <- function(id, dataset, marker, minprop = 0.1, maxprop = 0.9) {
  d <- csv(dataset); d <- d[!is.na(d[[marker]]), ]; dd <- data.frame(x = d[[marker]]); dd$y <- Surv(d$time, d$event)
  fit <- function(p, ...) maxstat.test(y ~ x, dd, smethod = "LogRank", pmethod = p, minprop = minprop, maxprop = maxprop, ...)
  m <- fit("none"); set.seed(42)
  r <- list(n = nrow(d), minprop = minprop, maxprop = maxprop, cutpoint = num(m$estimate), M = num(m$statistic),
    n_low = sum(dd$x <= m$estimate), n_high = sum(dd$x > m$estimate), p_Lau92 = num(fit("Lau92")$p.value),
    p_Lau94 = num(fit("Lau94")$p.value), p_condMC_B99999_seed42 = num(fit("condMC", B = 99999)$p.value),
    n_candidate_cuts = length(m$cuts), stats_curve = list(cut = arr(m$cuts), stat = arr(m$stats)))
  if (nrow(d) <= 170) r$p_HL <- num(fit("HL")$p.value)
  case(id, dataset, paste0("maxstat.test(Surv ~ ", marker, ", smethod='LogRank')"), r)
}
write("cutpoint", list(cut_of("mx_syn3_IGF1R", "synthetic3cohorts", "IGF1R"), cut_of("mx_tied", "tied_marker", "marker"),
  cut_of("mx_zero_events_arm", "zero_events_arm", "x", 0.05, 0.95),
  cut_of("mx_tied_middle", "tied_marker", "marker", 0.25, 0.6)))

# ---- adjusted P values
methods <- c("BH", "BY", "holm", "hochberg", "hommel", "bonferroni")
adjusted <- function(id, p, n = sum(!is.na(p))) case(id, "inline", "p.adjust(p, method, n)", c(list(p = arr(p), n = n),
  sapply(methods, function(m) arr(p.adjust(p, m, n)), simplify = FALSE)))
# Westfall-Young: every one of the 10! pairings is too many here; 199,999 drawn ones
wy <- keep(data.frame(time = c(2, 4, 5, 7, 9, 12, 15, 18, 20, 24), event = c(1, 1, 1, 0, 1, 1, 0, 1, 0, 0),
  m1 = c(1, 1, 1, 0, 1, 0, 0, 0, 0, 0), m2 = c(1, 0, 1, 0, 0, 1, 0, 1, 0, 0), m3 = c(0, 1, 0, 1, 0, 0, 1, 0, 1, 1)),
  "westfall_young10")
fit <- survfit(Surv(time, event) ~ 1, wy)
score <- wy$event - approx(fit$time, fit$cumhaz, wy$time, method = "constant", rule = 2)$y
M <- as.matrix(wy[, 3:5]); k <- colSums(M); n <- nrow(wy)
T <- function(s) abs(drop(s %*% M)) / sqrt(k * (n - k) / (n * (n - 1)) * sum(s^2))
seen <- T(score); set.seed(7); st <- rbind(seen, t(replicate(199999, T(sample(score))))); o <- order(-seen)
reach <- function(j, over) mean(do.call(pmax, as.data.frame(st[, over, drop = FALSE])) >= seen[j] - 1e-12)
down <- numeric(3); for (i in 1:3) down[o[i]] <- reach(o[i], o[i:3]); down[o] <- cummax(down[o])
write("padjust", list(adjusted("padj_ties", c(0.01, 0.01, 0.04, 0.03, 0.005, 0.5, 0.5, 1, 0, 1e-300)),
  adjusted("padj_missing", c(0.01, NA, 0.04, 0.03, NA, 0.2)), adjusted("padj_two", c(0.03, 0.04)),
  adjusted("padj_one", 0.03), adjusted("padj_failed_count", c(0.01, NA, 0.04, 0.03, NA, 0.2), 6),
  adjusted("padj_more_failed", c(0.0001, 0.02, 0.003), 7),
  case("wy_maxT_3markers", "westfall_young10", "max-T over 199,999 permutations and the identity",
    list(obs_T = arr(seen), p_marginal = arr(sapply(1:3, function(j) reach(j, j))),
      p_single_step = arr(sapply(1:3, function(j) reach(j, 1:3))), p_step_down = arr(down)))))

# ---- interaction
control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
both <- function(id, extra = NULL, own = TRUE) {
  d <- subset(syn, !is.na(IGF1R) & own); d$bm <- as.integer(d$IGF1R > ave(d$IGF1R, d$cohort, FUN = median))
  rhs <- function(x) as.formula(paste("Surv(time, event) ~", paste(c(x, extra), collapse = "+")))
  main <- coxph(rhs("treat + bm"), d, control = control); full <- coxph(rhs("treat * bm"), d, control = control)
  b <- coef(full); V <- vcov(full); L <- matrix(0, 3, length(b), dimnames = list(NULL, names(b)))
  L[1:2, "treat"] <- 1; L[2:3, "treat:bm"] <- 1
  e <- drop(L %*% b); s <- sqrt(diag(L %*% V %*% t(L))); stat <- 2 * (full$loglik[2] - main$loglik[2])
  half <- lapply(0:1, function(k) coxph(rhs("treat"), d[d$bm == k, ], control = control))
  sb <- sapply(half, function(f) coef(f)[["treat"]]); ss <- sapply(half, function(f) sqrt(vcov(f)["treat", "treat"]))
  z <- diff(sb) / sqrt(sum(ss^2))
  case(id, "synthetic3cohorts", deparse(formula(full), width.cutoff = 200), list(n = nrow(d), events = sum(d$event),
    extra = I(as.character(extra)), contrasts = list(log_hr = arr(e), se = arr(s), hr = arr(exp(e)), lower = arr(exp(e - qnorm(.975) * s)),
      upper = arr(exp(e + qnorm(.975) * s)), p_wald = arr(2 * pnorm(-abs(e / s)))),
    lrt = list(stat = stat, df = 1, p = pchisq(stat, 1, lower.tail = FALSE)),
    separate_fits = list(log_hr_neg = sb[1], se_neg = ss[1], log_hr_pos = sb[2], se_pos = ss[2], z_difference = z,
      p_difference = 2 * pnorm(-abs(z)))))
}
write("interaction", list(both("int_syn3"), both("int_syn3_adjusted", c("SPHK1", "strata(cohort)"), !is.na(syn$SPHK1))))

# ---- meta-analysis: exact roots (metafor stops at 1e-5 for REML, at 1e-4 for PM and the Q-profile interval)
tight <- list(threshold = 1e-13, maxiter = 10000, tol = 1e-14, tau2.max = 1e4)
meta <- function(id, yi, sei) {
  fe <- rma(yi, sei = sei, method = "FE")
  r <- list(yi = arr(yi), sei = arr(sei), fixed = list(est = num(fe$beta), se = fe$se, lower = fe$ci.lb, upper = fe$ci.ub,
    p = fe$pval, Q = fe$QE, Q_df = fe$k - 1, Q_p = fe$QEp, I2 = fe$I2, H2 = fe$H2))
  for (m in c("DL", "REML", "PM")) {
    f <- rma(yi, sei = sei, method = m, control = tight); h <- rma(yi, sei = sei, method = m, test = "knha", control = tight)
    p <- predict(f); ph <- predict(h)
    r[[m]] <- list(tau2 = f$tau2, est = num(f$beta), se = f$se, lower = f$ci.lb, upper = f$ci.ub, p = f$pval, I2 = f$I2,
      H2 = f$H2, pred_lower = p$pi.lb, pred_upper = p$pi.ub, weights = arr(weights(f) / 100), hartung_knapp = list(se = h$se,
        lower = h$ci.lb, upper = h$ci.ub, p = h$pval, df = h$k - 1, pred_lower = ph$pi.lb, pred_upper = ph$pi.ub))
  }
  q <- confint(f, control = tight)$random
  r$tau2_ci_Qprofile <- list(tau2 = arr(q["tau^2", ]), I2 = arr(q["I^2(%)", ]))
  case(id, "inline", "rma(yi, sei)", r)
}
cohort <- sapply(split(syn, syn$cohort), function(d) { d <- d[!is.na(d$IGF1R), ]
  f <- coxph(Surv(time, event) ~ I(IGF1R > median(IGF1R)), d, control = control); c(coef(f), sqrt(vcov(f))) })
write("meta", list(meta("meta_syn3", cohort[1, ], cohort[2, ]),
  meta("meta_spread", c(-0.9, 0.2, -0.4, 0.5, -1.1), c(0.2, 0.3, 0.15, 0.4, 0.25)),
  meta("meta_two", c(0.3, -0.2), c(0.1, 0.15)), meta("meta_alike", c(0.1, 0.11, 0.105, 0.102), c(0.3, 0.2, 0.25, 0.22))))
