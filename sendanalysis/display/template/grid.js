// Around the grid of itables: tells the kernel which rows are shown and what is asked, and asks what the kernel wants.
export default {
  render({ model, el }) {
    let anew = () => {};
    let api = null;
    const narrowed = () => {
      const picked = model.get("picked") && new Set(model.get("picked"));
      api.search.fixed("picked", picked ? (text, row, place) => picked.has(place) : null);
    };
    const options = {
      stateSave: true,
      stateDuration: 0,
      stateLoadCallback: () => model.get("asked"),
      stateSaveCallback: (settings, state) => {
        model.set("state", state);
        model.save_changes();
      },
      drawCallback() {
        api = this.api();
        model.set("shown", api.rows({ search: "applied", order: "applied" }).indexes().toArray());
        model.save_changes();
      },
    };
    const told = {
      get: (name) => (name === "_dt_args" ? { ...model.get(name), ...options } : model.get(name)),
      set: (...given) => model.set(...given),
      save_changes: () => model.save_changes(),
      on(name, callback) {
        if (name === "change:_dt_args") anew = callback;
        model.on(name, callback);
      },
    };
    grid.render({ model: told, el });
    model.on("change:asked", () => anew());
    model.on("change:picked", () => {
      narrowed();
      api.draw();
    });
  },
};
