import { NoteEditor } from './note-editor.tsx';
import { NoteList } from './note-list.tsx';
import './notebook.css';
import { noteName } from './notes.ts';
import { useNotebook } from './use-notebook.ts';

/** The scratchpad: a list of notes and the one that is open. */
export function Notebook() {
  const { notes, selected, deleted, isSaved, select, add, edit, remove, restore } = useNotebook();

  return (
    <section className="notebook" aria-label="Notes">
      <NoteList notes={notes} selectedId={selected?.id} onSelect={select} onAdd={add} />
      {selected === undefined ? (
        <p className="notebook-empty">No notes. Add one to begin.</p>
      ) : (
        <NoteEditor
          key={selected.id}
          note={selected}
          isSaved={isSaved}
          onEdit={(change) => edit(selected.id, change)}
          onDelete={() => remove(selected)}
        />
      )}
      <div className="notebook-undo" role="status">
        {deleted !== undefined && (
          <>
            <span>Deleted “{noteName(deleted.note)}”</span>
            <button type="button" autoFocus onClick={() => restore(deleted)}>
              Undo
            </button>
          </>
        )}
      </div>
    </section>
  );
}
