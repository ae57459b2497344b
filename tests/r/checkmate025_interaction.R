# Therapy x infiltration within CheckMate 025 (Braun 2020, table S1), as R's survival package has it.
#   Rscript checkmate025_interaction.R TABLE_S1.txt > checkmate025_interaction.csv
# Times become whole days (months * 30.4375), as in the store. Only the results are kept, never a row of the table.
library(survival)
table <- read.delim(commandArgs(TRUE)[1], na.strings = "NA", check.names = FALSE)
d <- subset(table, Cohort == "CM.025" & !is.na(TC_CD8_Density) & !is.na(OS))
d$days <- round(d$OS * 30.4375)
d$arm <- relevel(factor(tolower(d$Arm)), ref = "everolimus")
d$log2_centre <- log2(as.numeric(d$TC_CD8_Density))
d$inflamed <- factor(ifelse(d$ImmunoPhenotype == "Infiltrated", "inflamed", "not inflamed"),
                     levels = c("not inflamed", "inflamed"))
report <- function(name, full, reduced, term) {
  b <- coef(full)[[term]]; se <- sqrt(vcov(full)[term, term]); z <- qnorm(0.975)
  lr <- 2 * (full$loglik[2] - reduced$loglik[2])
  cat(sprintf("%s,%d,%d,%d,%d,%.12g,%.12g,%.12g,%.12g,%.12g\n", name, full$n, full$nevent,
              sum(d$arm == "nivolumab"), sum(d$arm == "everolimus"), exp(b), exp(b - z * se), exp(b + z * se),
              2 * pnorm(-abs(b / se)), pchisq(lr, 1, lower.tail = FALSE)))
}
cat("model,n,events,nivolumab,everolimus,ratio,lower,upper,wald_p,lr_p\n")
report("number", coxph(Surv(days, OS_CNSR) ~ arm * log2_centre, d), coxph(Surv(days, OS_CNSR) ~ arm + log2_centre, d),
       "armnivolumab:log2_centre")
report("inflamed", coxph(Surv(days, OS_CNSR) ~ arm * inflamed, d), coxph(Surv(days, OS_CNSR) ~ arm + inflamed, d),
       "armnivolumab:inflamedinflamed")
