"""Every gene of a cohort, and every pair of genes: the same question asked of all of them at once."""
