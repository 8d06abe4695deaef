#include "cleave/experiment/reporting.h"

#include "cleave/base/files.h"
#include "cleave/experiment/event_log.h"
#include "cleave/experiment/mapping.h"
#include "cleave/models/registry.h"
#include "cleave/report/run_report.h"

namespace cleave::experiment {

void write_report(const FinishedRun& run, Host& host) {
  if (run.own_data) ensure_map(run, host);
  const RunConfig& config = run.folder.config();
  Settings settings = {{"method", config.method}, {"seed", config.seed}};
  settings.update(config.settings);
  settings["data"] = to_settings(config.data);
  settings["training"] = to_settings(config.training);
  auto content = [](const std::filesystem::path& file) {
    return std::filesystem::exists(file) ? read_json(file) : Settings();
  };
  data::View view = run.view();
  report::Report page = report::run_report({.model = *run.fitted.model,
                                            .method = models::find_method(config.method),
                                            .dataset = run.dataset,
                                            .view = view,
                                            .config = settings,
                                            .provenance = run.folder.provenance(),
                                            .events = read_events(run.folder.events()),
                                            .evaluation = content(run.folder.evaluation()),
                                            .choosing_k = content(run.folder.choosing_k()),
                                            .seed = static_cast<uint64_t>(config.seed),
                                            .map = run.own_data ? saved_map(run.folder) : std::nullopt});
  sweep_temporaries(run.folder.figures());  // of a report that was killed
  report::write_report(page, run.folder.path());
}

}  // namespace cleave::experiment
