import { useState } from 'react';

import { useStoredState } from '../storage/use-stored-state.ts';
import { wallNow } from '../time/wall-clock.ts';
import { createNote, storedNotes, storedSelection } from './notes.ts';
import type { Note } from './notes.ts';

/** A deleted note and where it stood, for as long as it can be brought back. */
export interface DeletedNote {
  readonly note: Note;
  readonly index: number;
}

/** The notes, the one that is open, and everything that can be done with them. */
export function useNotebook() {
  const [notes, updateNotes, isSaved] = useStoredState(storedNotes);
  const [selectedId, updateSelectedId] = useStoredState(storedSelection);
  const [deleted, setDeleted] = useState<DeletedNote>();
  const selected = notes.find((note) => note.id === selectedId) ?? notes[0];

  // Whatever is done next, the offer to undo the last deletion ends.
  const select = (id: string): void => {
    updateSelectedId(() => id);
    setDeleted(undefined);
  };

  const add = (): void => {
    const note = createNote();
    updateNotes((current) => [note, ...current]);
    select(note.id);
  };

  const edit = (id: string, change: Partial<Pick<Note, 'title' | 'body'>>): void => {
    updateNotes((current) =>
      current.map((note) => (note.id === id ? { ...note, ...change, changedAt: wallNow() } : note)),
    );
  };

  const remove = (note: Note): void => {
    setDeleted({ note, index: notes.indexOf(note) });
    updateNotes((current) => current.filter(({ id }) => id !== note.id));
  };

  const restore = ({ note, index }: DeletedNote): void => {
    updateNotes((current) => current.toSpliced(index, 0, note));
    select(note.id);
  };

  return { notes, selected, deleted, isSaved, select, add, edit, remove, restore };
}
