"""What is sealed and for what purpose; the `about` strings are the same in every service."""

from dataclasses import dataclass

from microwish.privacy.masking import mask_address, mask_name, mask_phone
from microwish.privacy.phones import is_mobile
from microwish.privacy.sealing import BlindIndex, Sealer
from wish_service.domain.wish import Contact


@dataclass(frozen=True)
class OpenContact:
    """How to reach somebody, in clear: for the moment of showing it, never kept."""

    name: str
    phone: str
    address: str


class Seals:
    """Seals and opens with the service's keys."""

    def __init__(self, sealer: Sealer, blind: BlindIndex) -> None:
        self._sealer = sealer
        self._blind = blind

    def for_wish(self, wish_id: str, text: str) -> str:
        """Free text that belongs to a wish: reasons, notes, thanks, the resident's own words."""
        return self._sealer.seal(text, about=f"wish:{wish_id}")

    def of_wish(self, wish_id: str, sealed: str | None) -> str | None:
        """The text again. Raises: CannotOpen."""
        return None if sealed is None else self._sealer.open(sealed, about=f"wish:{wish_id}")

    def contact(self, contact_id: str, contact: OpenContact) -> Contact:
        """A contact (phone normalised) as it is kept, with what the desk may show before it asks."""
        about = f"contact:{contact_id}"
        return Contact(
            name=self._sealer.seal(contact.name, about=about),
            phone=self._sealer.seal(contact.phone, about=about),
            address=self._sealer.seal(contact.address, about=about),
            phone_index=self._blind.of(contact.phone),
            name_masked=mask_name(contact.name),
            phone_masked=mask_phone(contact.phone),
            address_masked=mask_address(contact.address),
            landline=not is_mobile(contact.phone),
        )

    def open_contact(self, contact_id: str, contact: Contact) -> OpenContact:
        """The contact in clear. Raises: CannotOpen."""
        about = f"contact:{contact_id}"
        return OpenContact(
            *(self._sealer.open(sealed, about=about) for sealed in (contact.name, contact.phone, contact.address))
        )

    def for_person(self, person_id: str, text: str) -> str:
        """A person's phone or name."""
        return self._sealer.seal(text, about=f"contact:{person_id}")

    def of_person(self, person_id: str, sealed: str) -> str:
        """It again. Raises: CannotOpen."""
        return self._sealer.open(sealed, about=f"contact:{person_id}")

    def for_import(self, import_id: str, text: str) -> str:
        """Rows of a table that wait to become wishes."""
        return self._sealer.seal(text, about=f"import:{import_id}")

    def of_import(self, import_id: str, sealed: str) -> str:
        """They again. Raises: CannotOpen."""
        return self._sealer.open(sealed, about=f"import:{import_id}")

    def for_export(self, export_id: str, text: str) -> str:
        """The words that somebody searched for in an export: they may name a person."""
        return self._sealer.seal(text, about=f"export:{export_id}")

    def of_export(self, export_id: str, sealed: str) -> str:
        """They again. Raises: CannotOpen."""
        return self._sealer.open(sealed, about=f"export:{export_id}")

    def for_challenge(self, challenge_id: str, text: str) -> str:
        """A phone or code on its way to the phone."""
        return self._sealer.seal(text, about=f"challenge:{challenge_id}")

    def of_challenge(self, challenge_id: str, sealed: str) -> str:
        """It again. Raises: CannotOpen."""
        return self._sealer.open(sealed, about=f"challenge:{challenge_id}")

    def index(self, phone: str) -> str:
        """By which a phone is found without opening any."""
        return self._blind.of(phone)

    def code_hash(self, challenge_id: str, code: str) -> str:
        """Keyed, and bound to its challenge."""
        return self._blind.of(f"{challenge_id}:{code}")

    def address_index(self, address: str) -> str:
        """By which requests from one network address are counted without keeping it."""
        return self._blind.of(f"address:{address}")
