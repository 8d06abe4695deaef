#include "cleave/report/history.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace cleave::report {
namespace {

double number(const Settings& value) {
  return value.is_number() ? value.get<double>() : std::nan("");
}

/// Where an epoch stands on the axis, and where its stage began.
struct Place {
  double x = 0, stage_start = 0;
};

/// Adds a point to the curve of a name, which is made where it is new. Between stages the line is lifted.
void add(History::Curves& curves, const std::string& name, Place place, double y) {
  auto known = std::find_if(curves.begin(), curves.end(), [&](const Series& series) { return series.name == name; });
  if (known == curves.end()) known = curves.insert(curves.end(), Series{.name = name});
  if (!known->x.empty() && known->x.back() <= place.stage_start) {
    known->x.push_back(place.stage_start);
    known->y.push_back(std::nan(""));
  }
  known->x.push_back(place.x);
  known->y.push_back(y);
}

void add_list(History::Curves& curves, const std::string& kind, const Settings& values, Place place) {
  if (!values.is_array()) return;
  for (size_t i = 0; i < values.size(); ++i)
    add(curves, fmt::format("{} {}", kind, i), place, number(values[i]));
}

void add_facets(History& history, const Settings& facets, Place place) {
  if (!facets.is_array()) return;
  history.occupancy.resize(std::max(history.occupancy.size(), facets.size()));
  history.agreement.resize(history.occupancy.size());
  for (size_t i = 0; i < facets.size(); ++i) {
    if (!facets[i].is_object()) continue;
    for (const auto& [key, value] : facets[i].items()) {
      if (key == "occupancy")
        add_list(history.occupancy[i], "cluster", value, place);
      else if (key != "layer" && value.is_number())
        add(history.agreement[i], key, place, number(value));
    }
  }
}

void add_snapshot(History& history, const Settings& snapshot, Place place) {
  auto column = [&](const char* key) {
    std::vector<double> values;
    for (const Settings& value : snapshot.value(key, Settings::array()))
      values.push_back(number(value));
    return at::tensor(values, at::kDouble);
  };
  Tensor x = column("x"), y = column("y"), cluster = column("cluster");
  if (x.numel() == 0 || x.numel() != y.numel() || x.numel() != cluster.numel()) return;
  history.snapshots.push_back({place.x, at::stack({x, y}, 1), cluster.to(at::kLong)});
}

void add_epoch(History& history, const Settings& event, Place place) {
  if (event.contains("terms") && event["terms"].is_object()) {
    for (const auto& [name, term] : event["terms"].items()) {
      if (term.is_object() && term.contains("nats")) add(history.terms, name, place, number(term["nats"]));
    }
  }
  if (event.contains("learning_rate"))
    add(history.learning_rate, "learning rate", place, number(event["learning_rate"]));
  if (event.contains("information")) add_list(history.information, "latent", event["information"], place);
  if (event.contains("facets")) add_facets(history, event["facets"], place);
  if (event.contains("snapshot") && event["snapshot"].is_object()) add_snapshot(history, event["snapshot"], place);
}

std::string word(const Settings& event, const char* key) {
  return event.contains(key) && event[key].is_string() ? event[key].get<std::string>() : "";
}

}  // namespace

History read_history(const std::vector<Settings>& events) {
  History history;
  std::vector<std::string> stages;                                               // in order of appearance
  std::map<std::string, std::map<int64_t, const Settings*>> epochs, iterations;  // by stage and number
  auto keep = [&](auto& of_stage, const Settings& event, const char* count) {
    std::string stage = word(event, "stage");
    if (!event.contains(count) || !event[count].is_number_integer()) return;
    if (std::find(stages.begin(), stages.end(), stage) == stages.end()) stages.push_back(stage);
    of_stage[stage][event[count].template get<int64_t>()] = &event;
  };
  for (const Settings& event : events) {
    if (!event.is_object()) continue;
    std::string kind = word(event, "event"), said = word(event, "text");
    if (kind == "epoch") keep(epochs, event, "epoch");
    if (kind == "iteration") keep(iterations, event, "iteration");
    bool news = std::find(history.notes.begin(), history.notes.end(), said) == history.notes.end();
    if (kind == "note" && !said.empty() && news) history.notes.push_back(said);
  }

  double done = 0;
  for (const std::string& stage : stages) {
    if (!epochs[stage].empty()) history.stages.push_back({done, stage});
    for (const auto& [epoch, event] : epochs[stage])
      add_epoch(history, *event, {done + static_cast<double>(epoch) + 1, done});
    if (!epochs[stage].empty()) done += static_cast<double>(epochs[stage].rbegin()->first) + 1;
    if (iterations[stage].empty()) continue;
    history.iterations.emplace_back(stage, History::Curves{});
    for (const auto& [iteration, event] : iterations[stage]) {
      if (!event->contains("values") || !(*event)["values"].is_object()) continue;
      for (const auto& [name, value] : (*event)["values"].items()) {
        add(history.iterations.back().second, name, {static_cast<double>(iteration) + 1, 0}, number(value));
      }
    }
  }
  return history;
}

}  // namespace cleave::report
