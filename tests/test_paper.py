"""The copy of the paper's tables against facts that hold of both texts."""

from gan_repro import paper


def test_table_1_prints_as_the_paper_does():
    printed = {row: [str(cell) for cell in cells.values()] for row, cells in paper.TABLE_1.items()}
    assert printed == {
        "DBN": ["138 ± 2", "1909 ± 66"],
        "Stacked CAE": ["121 ± 1.6", "2110 ± 50"],
        "Deep GSN": ["214 ± 1.1", "1890 ± 29"],
        "Adversarial nets": ["225 ± 2", "2057 ± 26"],
    }


def test_the_two_versions_of_table_2_differ_in_one_cell():
    different = [
        (operation, column)
        for operation, cells in paper.TABLE_2_NIPS.items()
        for column, cell in zip(paper.TABLE_2_COLUMNS, cells, strict=True)
        if cell != paper.TABLE_2_ARXIV[operation][paper.TABLE_2_COLUMNS.index(column)]
    ]
    assert different == [("Model design", "Deep directed graphical models")]
    assert len(paper.TABLE_2_NIPS) * len(paper.TABLE_2_COLUMNS) == 20
