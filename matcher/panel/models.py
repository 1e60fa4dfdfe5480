"""What the panel keeps: the input tables, who may do what, the rounds, and what was done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from matcher.panel.acts import Role
from matcher.panel.tables import MODELS

globals().update({model.__name__: model for model in MODELS.values()})


class Users(BaseUserManager["User"]):
    """Makes users; one without a password can't sign in until it set one."""

    def create_user(
        self, username: str, role: str, password: str | None = None, **more: Any
    ) -> User:
        """A user of a role."""
        user: User = self.model(username=username, role=role, **more)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Who signs in; `team` is a supervising team, as households name theirs."""

    username = models.CharField(max_length=60, unique=True)
    role = models.CharField(max_length=30, choices=[(each.value, each.label) for each in Role])
    team = models.CharField(max_length=60, blank=True, default="")
    initials = models.CharField(max_length=20, blank=True, default="")
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    link_sha256 = models.CharField(max_length=64, blank=True, default="")  # of a one-time link
    link_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Users] = Users()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]

    class Meta:
        db_table = "panel_user"

    @property
    def does(self) -> Role:
        """The role."""
        return Role(self.role)


class Assignment(models.Model):
    """A family or a household that is a user's own."""

    objects: ClassVar[models.Manager[Assignment]]
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    request_id = models.TextField(blank=True, default="")
    household_id = models.TextField(blank=True, default="")

    class Meta:
        db_table = "panel_assignment"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "request_id", "household_id"], name="own_once")
        ]


class State(models.Model):
    """The one row that every change locks: `version` counts the changes of the data.

    `day` is that of a sample, whose data are of that day; else it is today. `absent` are by table the
    columns that a file which was imported did not have, and nobody was asked for since.
    """

    objects: ClassVar[models.Manager[State]]
    version = models.PositiveIntegerField(default=0)
    title = models.TextField(blank=True, default="")
    authority = models.TextField(blank=True, default="")
    policy = models.JSONField(default=dict)
    absent = models.JSONField(default=dict)
    day = models.DateField(null=True, blank=True)
    sample = models.TextField(blank=True, default="")

    class Meta:
        db_table = "panel_state"


class Round(models.Model):
    """A round that was run: `round.json` is in the history, under `entry`.

    `tables` is a snapshot of what it was made of, compressed; `keep_number` the round that it keeps
    to, 0 where to none.
    """

    objects: ClassVar[models.Manager[Round]]
    number = models.AutoField(primary_key=True)
    made_at = models.DateTimeField()
    made_by = models.PositiveIntegerField()
    state_version = models.PositiveIntegerField()
    as_of = models.DateField()
    policy_sha256 = models.CharField(max_length=64)
    input_sha256 = models.CharField(max_length=64)
    round_sha256 = models.CharField(max_length=64)
    keep_number = models.PositiveIntegerField(default=0)
    entry = models.PositiveIntegerField()
    tables = models.BinaryField()
    kept_lines = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        db_table = "panel_round"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["state_version", "as_of", "policy_sha256", "keep_number"], name="round_once"
            )
        ]


class Worked(models.Model):
    """What was worked out besides a round: a what-if, a paper or a file of it, once for what is asked.

    `asked` is canonical JSON; `answer` is what a page shows, `file` what may be downloaded, `problem`
    why it could not be worked out.
    """

    objects: ClassVar[models.Manager[Worked]]
    round = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=40)
    asked = models.TextField(default="{}")
    internal = models.BooleanField(default=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    answer = models.JSONField(default=dict)
    problem = models.TextField(blank=True, default="")
    file = models.BinaryField(null=True, blank=True)

    class Meta:
        db_table = "panel_worked"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["round", "kind", "asked", "internal"], name="worked_once"
            )
        ]


class Trail(models.Model):
    """What somebody saw, did or was refused: numbered, each bound to the one before by its hash.

    Without foreign keys, so that it never stands in the way of the data, nor they in its.
    """

    objects: ClassVar[models.Manager[Trail]]
    number = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=32)
    user = models.PositiveIntegerField(null=True)
    role = models.CharField(max_length=30)
    act = models.CharField(max_length=40)
    subject = models.TextField(blank=True, default="")
    detail = models.TextField(blank=True, default="")
    state_version = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "panel_trail"
        indexes: ClassVar = [
            models.Index(fields=["user", "act", "subject", "number"], name="trail_looked"),
            models.Index(fields=["subject", "number"], name="trail_subject"),
            models.Index(fields=["state_version", "number"], name="trail_version"),
        ]

    @property
    def written_at(self) -> datetime:
        """When it was written, of which the hash is bound to the text."""
        return datetime.fromisoformat(self.at)


class TrailEnd(models.Model):
    """The number and the hash of the last line of the trail: the row that appending locks."""

    objects: ClassVar[models.Manager[TrailEnd]]
    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "panel_trail_end"


class Draft(models.Model):
    """What somebody typed into a form and has not saved: it outlives the session."""

    objects: ClassVar[models.Manager[Draft]]
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    form = models.TextField()
    cells = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "panel_draft"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "form"], name="draft_once")
        ]


class Signature(models.Model):
    """Half of a confirmation: that one side agrees to a start and a planned end."""

    objects: ClassVar[models.Manager[Signature]]
    request_id = models.TextField()
    household_id = models.TextField()
    role = models.CharField(max_length=30)
    user = models.PositiveIntegerField()
    started_on = models.DateField()
    planned_end_on = models.DateField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "panel_signature"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request_id", "household_id", "role"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="signed_once",
            )
        ]

    @property
    def days(self) -> tuple[date, date]:
        """What is agreed: the start and the planned end."""
        return self.started_on, self.planned_end_on


class Paper(models.Model):
    """A version of a Word document of a family with a household; none is ever overwritten.

    `by_people`: somebody worked on it and put it back. Else it is a draft, with what is still to
    complete and what was brought over from the version before.
    """

    objects: ClassVar[models.Manager[Paper]]
    request_id = models.TextField()
    household_id = models.TextField()
    document = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    by_people = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.PositiveIntegerField()
    state_version = models.PositiveIntegerField()
    to_complete = models.JSONField(default=list)
    carried = models.TextField(blank=True, default="")
    content = models.BinaryField()

    class Meta:
        db_table = "panel_paper"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request_id", "household_id", "document", "version"], name="paper_once"
            )
        ]

    @property
    def file_name(self) -> str:
        """The name under which it is given out."""
        return f"{self.request_id}-{self.household_id}-{self.document}-{self.version}.docx"


class Drafting(models.Model):
    """A run of the job that drafts the documents of a family with a household."""

    objects: ClassVar[models.Manager[Drafting]]
    request_id = models.TextField()
    household_id = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.PositiveIntegerField()
    done_at = models.DateTimeField(null=True, blank=True)
    left_out = models.JSONField(default=list)  # [document's title, why]
    wrong = models.JSONField(default=list)  # why nothing was drafted

    class Meta:
        db_table = "panel_drafting"


class DiaryFile(models.Model):
    """A calendar file as it was last given out: of all where `whose` is blank, else of a person."""

    objects: ClassVar[models.Manager[DiaryFile]]
    whose = models.CharField(max_length=80, unique=True)
    person = models.TextField(blank=True, default="")
    round_number = models.PositiveIntegerField()
    content = models.TextField()

    class Meta:
        db_table = "panel_diary_file"


class PolicyChange(models.Model):
    """A number of the policy that one person asks to be changed, and another agrees to."""

    objects: ClassVar[models.Manager[PolicyChange]]
    setting = models.CharField(max_length=80)
    was = models.JSONField()
    value = models.JSONField()
    reason = models.TextField()
    asked_by = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    settled_by = models.PositiveIntegerField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(default=False)

    class Meta:
        db_table = "panel_policy_change"
