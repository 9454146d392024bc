import { noteName } from './notes.ts';
import type { Note } from './notes.ts';

interface NoteListProps {
  readonly notes: readonly Note[];
  readonly selectedId: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onAdd: () => void;
}

/** The notes to choose from, each with its first words. */
export function NoteList({ notes, selectedId, onSelect, onAdd }: NoteListProps) {
  return (
    <nav className="notes" aria-label="All notes">
      <button type="button" className="notes-add" onClick={onAdd}>
        <span aria-hidden="true">+</span> New note
      </button>
      <ul>
        {notes.map((note) => (
          <li key={note.id}>
            <button
              type="button"
              aria-current={note.id === selectedId}
              onClick={() => onSelect(note.id)}
            >
              <strong>{noteName(note)}</strong>
              <span>{note.body.trim().slice(0, 80) || 'Empty'}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
