#include "apps/cli/engine/inspection.h"

#include <fmt/format.h>

#include "cleave/base/text.h"

namespace cleave::cli {

namespace {

Settings by_name(const std::vector<std::pair<std::string, int64_t>>& counts) {
  Settings json = Settings::object();
  for (const auto& [name, count] : counts)
    json[name] = count;
  return json;
}

std::string listed(const std::vector<std::pair<std::string, int64_t>>& counts) {
  constexpr size_t kMost = 20;
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) {
    if (parts.size() == kMost) {
      parts.push_back(fmt::format("and {} more", counts.size() - kMost));
      break;
    }
    parts.push_back(fmt::format("{} ({})", name, count));
  }
  return join(parts);
}

/// "1 x 28 x 28".
std::string shape_text(const std::vector<int64_t>& shape) {
  std::vector<std::string> sizes;
  for (int64_t size : shape)
    sizes.push_back(std::to_string(size));
  return join(sizes, " x ");
}

Settings as_json(const data::Inspection& inspection) {
  Settings json = {{"holds", "data"},
                   {"name", inspection.name},
                   {"kind", inspection.kind},
                   {"type", inspection.type},
                   {"examples", inspection.size},
                   {"shape", inspection.shape},
                   {"sparse", inspection.sparse},
                   {"bytes", inspection.bytes},
                   {"smallest", inspection.smallest},
                   {"largest", inspection.largest},
                   {"mean", inspection.mean},
                   {"zeros", inspection.zeros},
                   {"checksum", inspection.checksum}};
  if (inspection.train_count > 0) json["train_examples"] = inspection.train_count;
  if (!inspection.labels.empty()) {
    json["labels"] = by_name(inspection.labels);
    json["unlabelled"] = inspection.unlabelled;
  }
  if (!inspection.factors.empty()) json["factors"] = by_name(inspection.factors);
  return json;
}

std::string as_page(const data::Inspection& inspection) {
  std::string text = fmt::format("{}\n", inspection.name);
  auto line = [&](const char* name, const std::string& value) { text += fmt::format("  {:<10}{}\n", name, value); };
  line("examples", fmt::format("{} of {} ({}{}, {})", inspection.size, shape_text(inspection.shape), inspection.type,
                               inspection.sparse ? " sparse" : "", byte_count(inspection.bytes)));
  line("kind", inspection.kind);
  line("values", fmt::format("{:.4g} to {:.4g}, mean {:.4g}, {:.1f} % zeros", inspection.smallest, inspection.largest,
                             inspection.mean, 100 * inspection.zeros));
  if (inspection.train_count > 0) {
    line("split",
         fmt::format("{} training, {} test", inspection.train_count, inspection.size - inspection.train_count));
  }
  if (inspection.labels.empty())
    line("labels", "none");
  else
    line("labels", fmt::format("{}; {} unlabelled", listed(inspection.labels), inspection.unlabelled));
  if (!inspection.factors.empty()) line("factors", listed(inspection.factors));
  line("checksum", inspection.checksum);
  text.pop_back();
  return text;
}

}  // namespace

void show(const data::Inspection& inspection, const Console& console) {
  console.result(as_json(inspection));
  console.print(as_page(inspection));
}

}  // namespace cleave::cli
