"""`python -m notify_service [api|worker|all]`; a worker serves its few staff routes as well."""

from microwish.web.process import run
from notify_service.settings import NotifySettings
from notify_service.wiring import NotifyService


def main() -> None:
    """Run until told to stop."""
    run("notify-service", NotifySettings, lambda settings, _role: NotifyService(settings))


if __name__ == "__main__":
    main()
