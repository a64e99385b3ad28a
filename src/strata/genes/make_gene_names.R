# Makes gene_names.tsv from NCBI Gene, by way of the Bioconductor package org.Hs.eg.db:
#
#   Rscript make_gene_names.R SIGNATURE_FOLDER GENE_LIST...      (in this folder)
#
# GENE_LIST: GMT files, of which only the sets that a signature names are taken, and tables with a column `gene` or
# `EntrezGene.ID`. Which list a gene is in is not written.
suppressMessages(library(org.Hs.eg.db))
args <- commandArgs(TRUE)

# approved by HGNC after the database was made (releases of October 2022 to October 2025), and a mitochondrial gene that
# NCBI spells without MT; the old symbol stays a name
renamed <- c("9368" = "NHERF1", "5003" = "SLC67A1-AS", "56901" = "COXFA4L2", "100130348" = "CATSPERH", "4513" = "MT-CO2",
  "728568" = "UQCC6")
# the genes that spreadsheets turn into dates
dates <- "^(SEPTIN[0-9]+|MARCHF[0-9]+|MTARC[0-9]+|DELEC1|BHLHE40|SELENOF)$"
# makes CAP, the usual example of an alias of several genes, known as one
example <- "CAP1"

symbols <- toTable(org.Hs.egSYMBOL)
names_of <- setNames(toTable(org.Hs.egALIAS2EG), c("id", "name"))
names_of <- rbind(names_of, data.frame(id = names(renamed), name = renamed))
symbol <- setNames(symbols$symbol, symbols$gene_id)
stopifnot(names(renamed) %in% names(symbol), !renamed %in% symbol)
symbol[names(renamed)] <- renamed
ensembl <- toTable(org.Hs.egENSEMBL)
# a locus of a disease may share the symbol of a gene (HBD, TEC): the gene is the one that Ensembl knows
twice <- symbol %in% symbol[duplicated(symbol)] & !names(symbol) %in% ensembl$gene_id
symbol <- symbol[!twice]
names_of <- unique(names_of[names_of$id %in% names(symbol), ])
# an alias that is the approved symbol of another gene never stands for this one
names_of <- names_of[!names_of$name %in% symbol, ]

# which genes are needed: those that the rules of signatures name, the gene lists, the curated names
of_rules <- function(lines) {
  rule <- lines[seq_len(match("claims:", lines, length(lines)))]
  rule <- rule[!grepl("^(#|id:|name:)", rule)]
  words <- unlist(regmatches(rule, gregexpr("[A-Z][A-Za-z0-9-]+", rule)))
  intersect(words, symbol)
}
listed <- function(path, text) {
  if (grepl("\\.gmt$", path)) {
    rows <- strsplit(readLines(path), "\t")
    named <- vapply(rows, function(row) any(grepl(paste0("\\b", row[1], "\\b"), text, perl = TRUE)), TRUE)
    return(unlist(lapply(rows[named], `[`, -(1:2))))
  }
  table <- read.delim(path, colClasses = "character")
  table[[intersect(c("EntrezGene.ID", "gene"), names(table))]]
}
signatures <- lapply(list.files(args[1], "\\.yaml$", full.names = TRUE), readLines)
text <- unlist(signatures)
curated <- read.delim("curated_names.tsv", comment.char = "#", colClasses = "character", quote = "")$symbol
wanted <- setdiff(c(unlist(lapply(signatures, of_rules)), unlist(lapply(args[-1], listed, text)), curated,
  grep(dates, symbol, value = TRUE), example), "")

by_name <- split(names_of$id, names_of$name)
id_of <- function(name) {
  if (name %in% symbol) return(names(symbol)[symbol == name])
  if (name %in% names(symbol)) return(name)
  if (length(by_name[[name]]) == 1) by_name[[name]] else NA_character_
}
ids <- vapply(wanted, id_of, "")
message("not genes of the database: ", toString(wanted[is.na(ids)]))
ids <- unique(ids[!is.na(ids)])

# other genes that share a name with these, without case and hyphens too: they make the name ambiguous
fold <- function(name) gsub("-", "", tolower(name))
ours <- names_of[names_of$id %in% ids, ]
shared <- names_of[!names_of$id %in% ids & fold(names_of$name) %in% fold(ours$name), ]
same_symbol <- names(symbol)[!names(symbol) %in% ids & fold(symbol) %in% fold(ours$name)]
everyone <- c(ids, setdiff(union(shared$id, same_symbol), ids))

joined <- function(id, by) vapply(split(by, factor(id, everyone)), function(x) paste(sort(unique(x)), collapse = "|"), "")
listed_names <- rbind(ours, shared)
table <- data.frame(symbol = symbol[everyone], entrez = everyone,
  ensembl = joined(ensembl$gene_id, ensembl$ensembl_id), names = joined(listed_names$id, listed_names$name))
table <- table[order(table$symbol, method = "radix"), ]
stopifnot(!duplicated(table$symbol))

source_date <- subset(dbInfo(org.Hs.eg_dbconn()), name == "EGSOURCEDATE")$value
out <- file("gene_names.tsv", "wb")
writeLines(c(
  paste0("# Gene names from NCBI Gene of ", source_date, " (org.Hs.eg.db ", packageVersion("org.Hs.eg.db"),
    "), made by make_gene_names.R beside this file;"),
  paste0("# symbols as HGNC approved them in October 2025 (changed here: ", toString(sort(unname(renamed))), ")."),
  "# names: aliases and previous symbols, which NCBI does not tell apart; none is the approved symbol of any gene.",
  paste0("# The ", length(ids), " genes that signatures, their gene lists and curated_names.tsv need have all their names; ",
    "the other ", length(everyone) - length(ids)),
  "# are here for the names that they share with these, which makes those names ambiguous."), out)
write.table(table, out, sep = "\t", quote = FALSE, row.names = FALSE)
close(out)
message(length(ids), " genes and ", length(everyone) - length(ids), " that share a name")
