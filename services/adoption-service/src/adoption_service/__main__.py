"""`python -m adoption_service [api|worker|all]`."""

from adoption_service.settings import AdoptionSettings
from adoption_service.wiring import AdoptionService
from microwish.web.process import run


def main() -> None:
    """Run until told to stop."""
    run("adoption-service", AdoptionSettings, lambda settings, role: AdoptionService(settings, serve=role.serves))


if __name__ == "__main__":
    main()
