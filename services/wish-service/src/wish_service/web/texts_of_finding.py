"""Texts of finding wishes. A pair is (中文, English)."""

FINDING: dict[str, tuple[str, str]] = {
    "wall.news": ("有新的心愿，看一看", "New wishes: have a look"),
}
