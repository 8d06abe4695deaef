#include <algorithm>

#include <fmt/format.h>

#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/colour.h"
#include "cleave/report/sections.h"

namespace cleave::report {

/// The scree plot of a method that keeps the variance of its components: its buffers "spectrum" [S >= D],
/// "explained_variance" [D] and "total_variance" [].
Html explained_variance(Findings& findings) {
  auto buffers = findings.input.model.named_buffers();
  const Tensor *spectrum = buffers.find("spectrum"), *kept = buffers.find("explained_variance"),
               *total = buffers.find("total_variance");
  if (spectrum == nullptr || kept == nullptr || total == nullptr || total->item<double>() <= 0) return {};
  Tensor shares = (100 * spectrum->to(at::kDouble) / total->item<double>()).contiguous();
  const int64_t count = shares.size(0), dimensions = kept->size(0);

  BarChart each{.title = "Share of the variance that each component explains",
                .x_label = "component",
                .y_label = "share of the variance, %",
                .names = {},
                .values = {},
                .labels = {},
                .colours = {},
                .reference = 100 / static_cast<double>(findings.input.view.width())};
  Series sum{.name = "together, %"};
  double together = 0, of_kept = 0;
  for (int64_t i = 0; i < count; ++i) {
    double share = shares[i].item<double>();
    each.names.push_back(std::to_string(i + 1));
    each.values.push_back(share);
    each.labels.push_back(fmt::format("{:.1f}", share));
    each.colours.emplace_back(i < dimensions ? kAmountColour : kQuietColour);
    together += share;
    if (i < dimensions) of_kept = together;
    sum.x.push_back(static_cast<double>(i + 1));
    sum.y.push_back(together);
  }
  LineChart cumulative{.title = "Share of the variance that the first components explain together",
                       .x_label = "components",
                       .y_label = "share of the variance, %",
                       .series = {std::move(sum)},
                       .boundaries = {},
                       .y_low = 0,
                       .y_high = 100,
                       .reference = of_kept,
                       .height = 240};
  std::string about = fmt::format("The {} component{} of this run explain{} {} of the variance", dimensions,
                                  dimensions == 1 ? "" : "s", dimensions == 1 ? "s" : "", percent(of_kept / 100));
  std::string rest =
      count > dimensions ? fmt::format("; those in grey, up to the {}th, are not part of it.", count) : ".";
  return figure(findings.keep("scree", draw(each)),
                text(about + rest +
                     " The dashed line is where all components would be if they explained equally much. "
                     "Where the bars bend into a flat tail, further components describe little but noise.")) +
         figure(findings.keep("explained_variance", draw(cumulative)),
                text("The same, summed from the first component on. The dashed line is the share of this run."));
}

}  // namespace cleave::report
