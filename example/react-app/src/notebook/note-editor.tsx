import { formatMoment } from '../time/format-time.ts';
import type { Note } from './notes.ts';

interface NoteEditorProps {
  readonly note: Note;
  readonly isSaved: boolean;
  readonly onEdit: (change: Partial<Pick<Note, 'title' | 'body'>>) => void;
  readonly onDelete: () => void;
}

/** One note: its title, its text, and whether the browser has it. */
export function NoteEditor({ note, isSaved, onEdit, onDelete }: NoteEditorProps) {
  return (
    <div className="editor">
      <input
        className="editor-title"
        aria-label="Title"
        placeholder="Untitled"
        autoComplete="off"
        autoFocus={note.title === '' && note.body === ''}
        value={note.title}
        onChange={(event) => onEdit({ title: event.target.value })}
      />
      <textarea
        className="editor-body"
        aria-label="Text"
        placeholder="Write here"
        value={note.body}
        onChange={(event) => onEdit({ body: event.target.value })}
      />
      <footer className="editor-footer">
        <span className="editor-saved" data-saved={isSaved}>
          {isSaved
            ? `Saved in this browser, ${formatMoment(note.changedAt)}`
            : 'Not saved: this browser refuses to store it, a reload will lose it'}
        </span>
        <button type="button" onClick={onDelete}>
          Delete
        </button>
      </footer>
    </div>
  );
}
