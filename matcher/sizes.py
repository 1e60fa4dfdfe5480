"""What counts as many: where a round is too large to do, or to show, each thing by itself."""

from __future__ import annotations

# More requests are summed up: no page each, no price that takes a solve, no single changes.
MANY_REQUESTS = 200
# Pairs that may be chosen: of more no price takes a solve where a sum is limited.
MANY_UNDER_A_SUM = 1_000
MOST_PAIRS_AHEAD = 10_000  # eligible: a round of more does not look ahead
MANY_PAIRS_AHEAD = 1_000  # eligible: of more it is not tried what looking ahead would change
# Choices about which looking ahead counts its values: each takes the counting once.
PASSES_AHEAD = 3
# A step of the aim room_ahead: finer ones would leave later aims no room in a weight.
POINTS_AHEAD = 5

# What an input may be before it is refused, so that no file takes the machine's time or memory.
LARGEST_FILE = 50_000_000  # bytes of a table or a workbook
LARGEST_UPLOAD = 5_000_000  # bytes of a file that is sent to the panel
LARGEST_UPLOAD_UNPACKED = 100_000_000  # bytes of its parts together, as it says itself
MOST_UPLOADED_PARTS = 200  # files within it
MOST_UPLOADED_ROWS = 20_000  # of a table in it
LARGEST_RECORD = 1_000_000_000  # bytes of a round.json
LARGEST_SETTINGS = 500_000  # bytes of a file in TOML
DEEPEST_SETTINGS = 16  # tables within tables
LARGEST_UNPACKED = 120_000_000  # bytes of a workbook's parts that hold cells
MOST_PARTS = 10_000  # files within a workbook
MOST_ROWS = 1_048_576  # of a sheet, as in Excel
MOST_COLUMNS = 500  # of a sheet; a cell further to the right is far from any table
LARGEST_GAP = 10_000  # blank rows; a cell further below is far from its table
LARGEST_AREA = 10_000_000  # cells of a sheet from its first to its last, blank ones too
MOST_UNREAD = 10_000  # cells of a sheet without a value, named one by one
LONGEST_CELL = 32_767  # characters, as in Excel
MOST_TOLD = 20  # of one kind, one by one: cells far away, files that no table has the name of
