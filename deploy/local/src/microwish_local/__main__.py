"""`python -m microwish_local`: the `microwish` command."""

from microwish_local.cli import app

if __name__ == "__main__":
    app(prog_name="microwish")
