"""`python -m wish_service [api|worker|all]`."""

from microwish.web.process import run
from wish_service.settings import WishSettings
from wish_service.wiring import WishService


def main() -> None:
    """Run until told to stop."""
    run("wish-service", WishSettings, lambda settings, role: WishService(settings, serve=role.serves))


if __name__ == "__main__":
    main()
