"""Several seats on one project: joining, two at once, lost connections and lost answers, passwords."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from blasto_annotator.domain.errors import UnreachableError, UserError
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import Label, LabelEntry
from blasto_annotator.domain.repeats import RepeatTask
from blasto_annotator.domain.reviews import ItemKind, Realism, ReviewItem, Verdict
from blasto_annotator.store import Project, migrate
from blasto_annotator.store.location import LINK, parse_url
from blasto_annotator.store.models import Base
from tests.postgresql import GUARDED, Server
from tests.store.conftest import by_hand, imported
from tests.store.test_migrations import next_version

ENTRY = LabelEntry(parse_grade("4AB"))
SEEN = "a" * 64


@pytest.fixture
def database(postgresql: Server) -> str:
    """The address of an empty database."""
    return postgresql.new_database()


@pytest.fixture
def seat(database: str, tmp_path: Path) -> Iterator[Project]:
    """The first seat of a project with frames."""
    with Project.create(tmp_path / "seat 1", "Clinic", database=database) as made:
        source = made.frames.add_source(tmp_path / "frames", "folder")
        made.frames.add(source, [imported("E1", index, 0) for index in range(20)])
        yield made


def record(project: Project, number: int, moment: datetime | None = None) -> Label:
    return project.labels.record(number % 20 + 1, f"{number:064x}", "ann", ENTRY, moment=moment)


def test_a_second_seat_joins_and_both_see_what_the_other_did(
    seat: Project, database: str, tmp_path: Path
) -> None:
    label = record(seat, 1)
    with Project.join(tmp_path / "seat 2", database) as second:
        assert (second.id, second.name, second.folder.name) == (seat.id, "Clinic", "seat 2")
        assert second.labels.current() == [label]
        other = second.labels.record(2, "b" * 64, "bob", ENTRY)
        second.hold_window()
        seat.hold_window()

    assert seat.labels.current() == [label, other]
    assert seat.audit.verify() is None
    with Project.open(tmp_path / "seat 2") as again:
        assert again.labels.current() == [label, other]


def test_a_database_holds_one_project_and_joining_needs_one(
    seat: Project, database: str, postgresql: Server, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="project already: join it"):
        Project.create(tmp_path / "other", database=database)
    with pytest.raises(UserError, match="holds no project"):
        Project.join(tmp_path / "other", postgresql.new_database())
    with pytest.raises(UserError, match="holds a project already"):
        Project.join(seat.folder, database)

    assert not any((tmp_path / "other").iterdir())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://ann@lab/embryos", "“mysql” is no kind of database"),
        ("postgresql+psycopg://ann@lab", "names no database"),
        ("ann:secret@lab", "is no database address"),
        ("postgresql://ann@lab:port/x", "is no database address"),
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_a_password(
    tmp_path: Path, address: str, words: str
) -> None:
    with pytest.raises(UserError, match=words) as caught:
        Project.create(tmp_path / "p", database=address)

    assert "postgresql+psycopg://USER@SERVER/DATABASE" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "p").exists()


def test_a_database_that_is_not_there_is_named(postgresql: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no database nothing on 127\.0\.0\.1"):
        Project.create(tmp_path / "p", database=postgresql.url("nothing"))

    assert not any((tmp_path / "p").iterdir())


def test_the_password_comes_from_postgresqls_own_file_and_is_never_stored(
    postgresql: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = database.rpartition("/")[2]
    postgresql.execute("postgres", f"DROP ROLE IF EXISTS {GUARDED}")
    postgresql.execute("postgres", f"CREATE ROLE {GUARDED} LOGIN SUPERUSER PASSWORD 'correct horse'")
    url = f"postgresql://{GUARDED}:correct%20horse@127.0.0.1:{postgresql.port}/{name}"
    with Project.create(tmp_path / "p", database=url) as made:
        assert record_nothing(made) == []
    assert "correct" not in (tmp_path / "p" / LINK).read_text()

    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    with pytest.raises(UserError, match="asks for the password of guarded") as caught:
        Project.open(tmp_path / "p")
    line = f"127.0.0.1:{postgresql.port}:{name}:guarded:PASSWORD"
    assert line in str(caught.value)

    passwords = tmp_path / "pgpass"
    passwords.write_text(line.replace("PASSWORD", "correct horse"))
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    Project.open(tmp_path / "p").close()


def record_nothing(project: Project) -> list[Label]:
    return project.labels.current()


def test_a_damaged_link_says_what_it_should_hold(seat: Project) -> None:
    seat.close()
    (seat.folder / LINK).write_text("host = lab")

    with pytest.raises(UserError, match="should hold one line"):
        Project.open(seat.folder)


def test_a_seat_whose_folder_went_away_refuses_to_write(seat: Project) -> None:
    (seat.folder / LINK).unlink()

    with pytest.raises(UserError, match="moved, deleted or replaced"):
        record(seat, 1)


def _label(project: Project, moment: datetime) -> object:
    return record(project, 1, moment)


def _note(project: Project, moment: datetime) -> object:
    return project.labels.record(1, SEEN, "ann", LabelEntry(ENTRY.grade, note="thin"), "note", moment)


def _inherited(project: Project, moment: datetime) -> object:
    rows = [(number, f"{number:064x}", ENTRY) for number in (3, 4, 5)]
    return project.labels.record_many(rows, "ann", "inherited from frame 2", moment)


def _withdrawal(project: Project, moment: datetime) -> object:
    return project.labels.withdraw(1, SEEN, "ann", moment=moment)


def _flag(project: Project, moment: datetime) -> object:
    return project.flags.put(1, SEEN, "ann", "look again", moment=moment)


def _flag_off(project: Project, moment: datetime) -> object:
    return project.flags.put(1, SEEN, "ann", "look again", raised=False, why="undo", moment=moment)


def _repeat(project: Project, moment: datetime) -> object:
    (first, *_) = project.labels.history(SEEN, "ann")
    return project.repeats.record(RepeatTask(1, SEEN, "rot90", first.id), "ann", ENTRY, moment)


def _decision(project: Project, moment: datetime) -> object:
    return project.adjudications.record(1, SEEN, "ann", ENTRY, {"asked": ["icm"]}, moment=moment)


def _decision_undone(project: Project, moment: datetime) -> object:
    return project.adjudications.record(1, SEEN, "ann", None, {}, "undo", moment)


def _verdict(project: Project, moment: datetime) -> object:
    image = ReviewItem(0, ItemKind.GENERATED, SEEN, "good", "images/00000.png")
    return project.reviews.record(None, "b1", image, "ann", Verdict(Realism.PERFECT), moment=moment)


def _verdict_undone(project: Project, moment: datetime) -> object:
    image = ReviewItem(0, ItemKind.GENERATED, SEEN, "good", "images/00000.png")
    return project.reviews.record(None, "b1", image, "ann", None, "undo", moment=moment)


@pytest.mark.parametrize(
    "save",
    [
        *(_label, _note, _inherited, _withdrawal, _flag, _flag_off, _repeat, _decision, _decision_undone),
        *(_verdict, _verdict_undone),
    ],
    ids=lambda save: save.__name__.strip("_"),
)
def test_a_save_whose_answer_was_lost_is_tried_again_and_stored_once(
    seat: Project,
    postgresql: Server,
    database: str,
    tmp_path: Path,
    save: Callable[[Project, datetime], object],
) -> None:
    seat.labels.record(1, SEEN, "ann", ENTRY)
    with postgresql.proxy() as line:
        through = parse_url(database).set(port=line.port).render_as_string(hide_password=False)
        with Project.join(tmp_path / "seat 2", through) as second:
            moment = datetime.now(UTC)
            line.lose_answer.set()
            with pytest.raises(UnreachableError, match="does not answer"):
                save(second, moment)
            told = seat.audit.rows()  # it was committed; only the second seat does not know
            assert json.loads(told[-1].after)["time_utc"] == moment.isoformat(timespec="microseconds")

            again = save(second, moment)

            assert seat.audit.rows() == told
            assert again == save(seat, moment)
    assert seat.audit.verify() is None


def test_the_same_act_at_another_moment_is_one_more_row(seat: Project) -> None:
    for save in (_flag, _flag, _decision, _decision, _verdict, _verdict):
        save(seat, datetime.now(UTC))

    told = [row.action for row in seat.audit.rows()]
    assert (told.count("flag"), told.count("review")) == (2, 2)
    assert len(seat.adjudications.history(SEEN)) == 2


def test_a_server_that_crashes_during_a_session_loses_and_doubles_nothing(
    seat: Project, postgresql: Server
) -> None:
    stop, moments, failures = threading.Event(), [], []

    def work() -> None:
        while not stop.is_set():
            moments.append(datetime.now(UTC))
            while True:
                try:
                    record(seat, len(moments), moments[-1])
                    break
                except UnreachableError as error:
                    failures.append(error)
                    time.sleep(0.05)  # as the window, only quicker

    worker = threading.Thread(target=work)
    worker.start()
    for crash in range(3):
        while len(moments) < 15 * (crash + 1):
            stop.wait(0.005)
        seen = len(failures)
        postgresql.stop("immediate")
        while len(failures) == seen and worker.is_alive():
            stop.wait(0.005)
        postgresql.start()
    while len(moments) < 60:
        stop.wait(0.005)
    stop.set()
    worker.join()

    assert [label.time_utc for label in seat.labels.current()] == moments
    assert len([row for row in seat.audit.rows() if row.action == "label"]) == len(moments)
    assert seat.audit.verify() is None


def test_a_server_that_is_down_is_said_on_opening(seat: Project, postgresql: Server) -> None:
    seat.close()
    postgresql.stop()
    try:
        with pytest.raises(UnreachableError, match="does not answer"):
            Project.open(seat.folder)
    finally:
        postgresql.start()
    Project.open(seat.folder).close()


def test_the_migrations_make_on_a_server_what_the_models_say(seat: Project) -> None:
    with seat._db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_older_database_on_a_server_is_brought_up_to_date(seat: Project, tmp_path: Path) -> None:
    label = record(seat, 1)
    migrations = next_version(tmp_path)

    migrate.bring_server_up_to_date(seat.location, "9999", migrations)
    migrate.bring_server_up_to_date(seat.location, "9999", migrations)

    assert by_hand(seat, "SELECT clinic FROM project") == [("",)]
    assert by_hand(seat, "SELECT id FROM label") == [(label.id,)]


def test_a_migration_that_fails_on_a_server_changes_nothing(seat: Project, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        migrate.bring_server_up_to_date(
            seat.location, "9999", next_version(tmp_path, "raise RuntimeError('half way')")
        )

    seat.close()
    Project.open(seat.folder).close()


def test_a_database_from_a_newer_version_is_refused_unchanged(seat: Project) -> None:
    by_hand(seat, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(UserError, match="newer version"):
        Project.open(seat.folder)
    assert by_hand(seat, "SELECT version_num FROM alembic_version") == [("9999",)]
