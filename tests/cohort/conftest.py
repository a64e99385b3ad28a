"""A small cohort written in any way a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

GENES = ("IGF1R", "SPHK1", "PTEN", "ESR1", "TP53")


@dataclass
class Small:
    """Twelve patients with clinical values, two endpoints, expression, mutations and copy numbers."""

    n: int = 12
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = self.ids or [f"P{i:03d}" for i in range(1, self.n + 1)]

    def clinical(self, per_month: float = 1.0, unit: str = "months") -> list[list[str]]:
        rows = [["patient_id", f"os_{unit}", "os_event", f"dfs_{unit}", "dfs_event", "er_status", "node_status"]]
        for i, patient in enumerate(self.ids):
            months = 5.0 + 7.5 * i
            os, dfs = repr(months * per_month), repr((months - 2.5) * per_month)
            er = "Positive" if i % 3 else "Negative"
            rows.append([patient, os, str(i % 2), dfs, str(int(i % 3 == 0)), er, str(i % 4)])
        return rows

    def expression(self) -> list[list[str]]:
        rows = [["Hugo_Symbol", *self.ids]]
        rows += [[gene, *(f"{6 + g + (i * 7 % 5) / 4:.3f}" for i in range(self.n))] for g, gene in enumerate(GENES)]
        return rows

    def mutations(self) -> list[list[str]]:
        head = ["Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode", "HGVSp_Short"]
        return [
            head,
            ["TP53", "Missense_Mutation", self.ids[0], "p.R175H"],
            ["TP53", "Silent", self.ids[1], "p.L12="],
            ["PTEN", "Frame_Shift_Del", self.ids[2], "p.K6fs"],
        ]

    def copy_number(self) -> list[list[str]]:
        return [["Hugo_Symbol", *self.ids], ["FGFR1", *(str(i % 5 - 2) for i in range(self.n))]]

    @staticmethod
    def transposed(rows: list[list[str]]) -> list[list[str]]:
        turned = [list(row) for row in zip(*rows, strict=True)]
        turned[0][0] = "patient_id"
        return turned


Write = Callable[..., Path]


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write("clinical.tsv", rows)`` writes a table into the test's folder, or text as it is."""

    def write_file(name: str, content: list[list[str]] | str | bytes, *, sep: str = "\t") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else "".join(sep.join(row) + "\n" for row in content)
            path.write_text(text, encoding="utf-8")
        return path

    return write_file
