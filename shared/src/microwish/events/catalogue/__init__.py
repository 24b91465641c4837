"""The published language written down for others: JSON Schemas, an AsyncAPI document and a page to read.

`python -m microwish.events.catalogue docs` writes all three from the payload classes; `--release N` freezes the
schemas as those of release N, which later payloads must stay compatible with (`compatibility.py`).
"""
