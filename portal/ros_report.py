"""The ROS as files: HTML in two languages, a tagged PDF, a workbook, and the data of them all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.ros_page import render_ros
from portal.ros_workbook import ros_workbook


def write_report(document: Mapping[str, Any], out: Path) -> dict[str, Path]:
    """Write `index.html`, `en.html`, `ros.pdf` (bokmål), `ros.xlsx` and `ros.json`; by kind.

    The PDF follows PDF/UA: its headings, tables and language are tagged for a screen reader.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = {
        "html": out / "index.html",
        "english": out / "en.html",
        "pdf": out / "ros.pdf",
        "xlsx": out / "ros.xlsx",
        "json": out / "ros.json",
    }
    page = render_ros(document, "nb")
    files["html"].write_text(page, encoding="utf-8")
    files["english"].write_text(render_ros(document, "en"), encoding="utf-8")
    files["pdf"].write_bytes(_pdf(page))
    files["xlsx"].write_bytes(ros_workbook(document))
    files["json"].write_text(
        json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return files


def _pdf(page: str) -> bytes:
    from weasyprint import HTML  # noqa: PLC0415 -- takes a second, and wants Pango

    document: Any = HTML(string=page)
    return document.write_pdf(pdf_variant="pdf/ua-1")
