#!/usr/bin/env nextflow

include { STRATA_RUN } from './modules/local/strata/run/main'

params.manifest = "${projectDir}/../snakemake/manifest.tsv"
params.plan     = "${projectDir}/../snakemake/plan.yaml"
params.outdir   = 'results'

workflow {
    cohorts = Channel
        .fromPath(params.manifest)
        .splitCsv(header: true, sep: '\t')
        .map { row -> [ [ id: row.cohort ], file(file(params.manifest).parent.resolve(row.path)) ] }

    STRATA_RUN(cohorts, file(params.plan))

    STRATA_RUN.out.results
        .map { meta, table -> table }
        .collectFile(name: 'results.tsv', keepHeader: true, skip: 1, storeDir: params.outdir, sort: { it.parent.name })
}
