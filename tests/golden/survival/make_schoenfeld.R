# R's numbers for the smooth line through scaled Schoenfeld residuals: Rscript make_schoenfeld.R, in this folder
suppressMessages({library(survival); library(splines); library(jsonlite)})
arr <- function(x) I(as.vector(unname(x)))
control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
# what plot.cox.zph draws, at the events instead of its 40 points
smooth <- function(z, df = 4) {
  pred <- seq(min(z$x), max(z$x), length = 40)
  basis <- ns(c(pred, z$x), df = df, intercept = TRUE)[-(1:40), ]
  q <- qr(basis); inverse <- backsolve(q$qr[1:df, 1:df], diag(df))
  list(line = arr(basis %*% qr.coef(q, z$y[, 1])),
    se = arr(sqrt(z$var[1, 1] * rowSums((basis %*% (inverse %*% t(inverse))) * basis)))) }
case <- function(id, dataset, formula, transform) {
  d <- read.csv(file.path("data", paste0(dataset, ".csv")))
  z <- cox.zph(coxph(formula, d, control = control, model = TRUE), transform = transform, terms = FALSE)
  s <- smooth(z)
  list(id = id, dataset = dataset, call = deparse(formula), transform = transform, result = list(time = arr(z$time),
    scale = arr(z$x), residual = arr(z$y[, 1]), variance = z$var[1, 1], line = s$line, se = s$se)) }
writeLines(toJSON(list(topic = "schoenfeld",
  made_with = paste0(R.version.string, ", survival ", packageVersion("survival")),
  conventions = "15 significant digits", cases = list(
    case("smooth_crossing_km", "crossing", Surv(time, event) ~ x, "km"),
    case("smooth_crossing_identity", "crossing", Surv(time, event) ~ x, "identity"),
    case("smooth_crossing_log", "crossing", Surv(time, event) ~ x, "log"),
    case("smooth_synthetic3cohorts_rank", "synthetic3cohorts", Surv(time, event) ~ treat, "rank"))),
  digits = I(15), auto_unbox = TRUE, na = "string", null = "null", pretty = 1), "schoenfeld.json")
