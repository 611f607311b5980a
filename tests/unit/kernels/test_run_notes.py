"""What a sealed run tells besides ok or error is said in both languages."""

from typing import get_args

import pytest

from kernels.host.lanes.run_notes import Note, noted

FACTS = {"seconds": 60.0, "remedy": "Write less.", "incident": "abc"}


@pytest.mark.parametrize("note", get_args(Note))
def test_every_note_is_said_in_both_languages(note: Note) -> None:
    english, norwegian = noted(note, "en", **FACTS), noted(note, "nb", **FACTS)

    assert english != norwegian
    assert "{" not in english + norwegian
    assert noted(note, "sv", **FACTS) == english
