"""From content to HTML: Jinja's templates with every text escaped, and the policy that lets nothing else run."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render"]


def render(name: str, **content: Any) -> str:
    """Render a template of this package with the one style and the one script, which the policy names by their hash.

    Parameters
    ----------
    name : str
        Of the template.
    **content
        What it shows. Text is escaped; ``InlineFigure.svg`` is put in as it is.
    """
    from markupsafe import Markup

    style, script = _part("style.css"), _part("script.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    shipped = {"style": Markup(style), "script": Markup(script)}  # noqa: S704  (files of this package)
    return _environment().get_template(name).render(**content, **shipped, policy=policy)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("strata.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


@cache
def _part(name: str) -> str:
    return files("strata.report.page").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
