"""The page kit: base template, macros, styles, and what renders them."""
