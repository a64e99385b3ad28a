process STRATA_RUN {
    tag "$meta.id"
    label 'process_single'

    conda "${moduleDir}/environment.yml"

    input:
    tuple val(meta), path(cohort, stageAs: 'input/*')
    path plan

    output:
    tuple val(meta), path("${prefix}/results.tsv")       , emit: results
    tuple val(meta), path("${prefix}/results.parquet")   , emit: parquet
    tuple val(meta), path("${prefix}/tests.tsv")         , emit: tests
    tuple val(meta), path("${prefix}/calls.tsv")         , emit: calls
    tuple val(meta), path("${prefix}/run.json")          , emit: record
    tuple val("${task.process}"), val('strata'), eval("strata --version | sed 's/strata //'"), topic: versions, emit: versions_strata

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    export MPLCONFIGDIR=\$PWD/.matplotlib

    strata run ${plan} \\
        --cohorts ${cohort} \\
        --out ${prefix} \\
        --jobs ${task.cpus} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}
    touch ${prefix}/results.tsv
    touch ${prefix}/results.parquet
    touch ${prefix}/tests.tsv
    touch ${prefix}/calls.tsv
    touch ${prefix}/run.json
    """
}
