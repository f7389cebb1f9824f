// Around the grid of itables: tells the kernel which rows are shown and what is asked of them.
export default {
  render({ model, el }) {
    let waits = false;
    const tell = (name, value) => {
      model.set(name, value);
      if (!waits) queueMicrotask(() => { waits = false; model.save_changes(); }); // both at once
      waits = true;
    };
    const options = {
      stateSave: true,
      stateDuration: 0,
      stateLoadCallback: () => model.get("asked"),
      stateSaveCallback: (settings, state) => tell("state", state),
      drawCallback() {
        tell("shown", this.api().rows({ search: "applied", order: "applied" }).indexes().toArray());
      },
    };
    const told = {
      get: (name) => (name === "_dt_args" ? { ...model.get(name), ...options } : model.get(name)),
      set: (...given) => model.set(...given),
      save_changes: () => model.save_changes(),
      on: (...given) => model.on(...given),
    };
    grid.render({ model: told, el });
  },
};
