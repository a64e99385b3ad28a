"""How large the tables are: full, for the targets; quick, to see that everything works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Sizes of every topic.

    Parameters
    ----------
    genes, samples : int
        Of the matrix.
    sample : int
        Genes that the loops of slow peers take.
    wanted : int
        Genes that a signature run reads.
    permutations : int
        Behind the P of searched cuts.
    files, sampled_files : int
        Cohorts of the batch, and of them those that pandas and lifelines take.
    cohort_genes, cohort_samples : int
        Of each file of the batch, and of the small run the other way round.
    gsva_samples : int
    loop_patients : tuple of int
        Of single tests.
    patient_curve, gene_curve, file_curve : tuple of int
        Where scaling is measured.
    """

    genes: int = 20_000
    samples: int = 2_000
    sample: int = 50
    wanted: int = 60
    permutations: int = 1_000
    files: int = 200
    sampled_files: int = 8
    cohort_genes: int = 1_000
    cohort_samples: int = 500
    gsva_samples: int = 200
    loop_patients: tuple[int, ...] = (200, 2_000)
    patient_curve: tuple[int, ...] = (200, 600, 2_000, 6_000, 20_000)
    gene_curve: tuple[int, ...] = (500, 1_500, 5_000, 20_000)
    file_curve: tuple[int, ...] = (25, 50, 100, 200)


QUICK = Size(
    genes=4_000,
    samples=500,
    sample=15,
    permutations=200,
    files=20,
    sampled_files=2,
    gsva_samples=50,
    loop_patients=(500,),
    patient_curve=(200, 600, 2_000),
    gene_curve=(500, 1_500, 4_000),
    file_curve=(3, 6, 12),
)
