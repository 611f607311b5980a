// A notebook as one script, and the way back from a line of the script to a cell.

const HEAD = number => `# %% cell ${number}`;

// sources: the code cells' texts, in order. The script has one line before each cell.
export function joined(sources) {
  return sources.map((source, at) => `${HEAD(at + 1)}\n${source}\n`).join('');
}

// Where an error was, from what the gate daemon says of it: { cell, line }, both counted from 1,
// the line null where only the cell is told; or null. It names the cell and its line, or a line of the whole script.
export function place(said, sources) {
  const direct = /cell (\d+)\D+line (\d+)/i.exec(said);
  if (direct) {
    return { cell: Number(direct[1]), line: Number(direct[2]) };
  }
  const turned = /line (\d+) (?:of|in) cell (\d+)/i.exec(said);
  if (turned) {
    return { cell: Number(turned[2]), line: Number(turned[1]) };
  }
  const cell = /cell (\d+)/i.exec(said);
  if (cell) {
    return { cell: Number(cell[1]), line: null };
  }
  const whole = /line (\d+)/i.exec(said);
  return whole ? located(Number(whole[1]), sources) : null;
}

function located(line, sources) {
  let left = line;
  for (const [at, source] of sources.entries()) {
    const length = source.split('\n').length + 1; // with the line before the cell
    if (left <= length) {
      return { cell: at + 1, line: Math.max(1, left - 1) };
    }
    left -= length;
  }
  return null;
}
