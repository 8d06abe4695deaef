#include "cleave/data/drawn.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/data/glyph.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

Tensor factor(const Dataset& set, const std::string& name) {
  for (const Factor& each : set.factors)
    if (each.name == name) return each.values;
  ADD_FAILURE() << "no factor " << name;
  return {};
}

double correlation(const Tensor& a, const Tensor& b) {
  return at::corrcoef(at::stack({a.to(at::kDouble), b.to(at::kDouble)}))[0][1].item<double>();
}

// Ink of glyphs [N, 28, 28] and its moments about the centre of mass.
struct Moments {
  Tensor mass, x, y, slant;  // [N]
  explicit Moments(const Tensor& bytes) {
    const Tensor ink = bytes.to(at::kDouble).view({-1, 28, 28}) / 255, axis = at::arange(28, at::kDouble) - 13.5;
    mass = ink.sum({1, 2});
    x = (ink * axis).sum({1, 2}) / mass;
    y = (ink * axis.unsqueeze(1)).sum({1, 2}) / mass;
    const Tensor dx = axis - x.view({-1, 1, 1}), dy = axis.unsqueeze(1) - y.view({-1, 1, 1});
    slant = -(ink * dx * dy).sum({1, 2}) / (ink * dy * dy).sum({1, 2});
  }
};

TEST(Drawn, EverySetIsSoundAndHasTheSizeAskedFor) {
  for (const std::string& name : drawn_names()) {
    const Dataset set = draw(name, 37, 5);
    set.check();
    EXPECT_EQ(set.size(), 37);
    EXPECT_EQ(set.name, name);
    EXPECT_FALSE(draw(name, 37, 6).examples.dense.equal(set.examples.dense)) << name;
  }
  EXPECT_EQ(draw("moons").size(), 1000);
  EXPECT_RAISES(draw("glyph"), ArgumentError, "did you mean 'glyphs'");
  EXPECT_RAISES(draw("glyphs", -1), ArgumentError, "-1 examples");
  EXPECT_RAISES(draw("glyphs", int64_t{1} << 60), ArgumentError, "the size may be");
}

// The bits are part of the contract: a change here changes every figure that was ever measured on these sets.
TEST(Drawn, BitsAreTheSameOnEveryMachine) {
  EXPECT_EQ(draw("circles", 1000, 0).checksum(), "7251c426402bfd8d");
  EXPECT_EQ(draw("moons", 1000, 0).checksum(), "e7aa908a3044bd8b");
  EXPECT_EQ(draw("glyphs", 1000, 0).checksum(), "e786f89c2ca3e3f0");
  EXPECT_EQ(draw("glyphs-colour", 1000, 0).checksum(), "a168136d88ce2a4c");
}

TEST(Drawn, ASmallerSetIsTheBeginningOfALargerOne) {
  for (const std::string& name : drawn_names()) {
    const Dataset large = draw(name, 300, 1), small = draw(name, 100, 1), part = large.slice(0, 100);
    EXPECT_TRUE(part.examples.dense.equal(small.examples.dense)) << name;
    EXPECT_TRUE(part.labels.equal(small.labels)) << name;
    for (size_t f = 0; f < small.factors.size(); ++f)
      EXPECT_TRUE(part.factors[f].values.equal(small.factors[f].values)) << small.factors[f].name;
  }
}

TEST(Drawn, DoesNotDependOnTheNumberOfThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const std::string one = draw("glyphs-colour", 500, 1).checksum();
  at::set_num_threads(3);
  const std::string three = draw("glyphs-colour", 500, 1).checksum();
  at::set_num_threads(threads);
  EXPECT_EQ(one, three);
}

TEST(Circles, LieOnTwoRingsAndMoonsInterlock) {
  const Dataset circles = draw("circles", 2000, 0);
  const Tensor radius = circles.examples.dense.norm(2, 1);
  EXPECT_NEAR(radius.masked_select(circles.labels == 0).mean().item<double>(), 1, 0.01);
  EXPECT_NEAR(radius.masked_select(circles.labels == 1).mean().item<double>(), 0.5, 0.01);
  const Dataset moons = draw("moons", 2000, 0);
  const Tensor y = moons.examples.dense.select(1, 1);
  EXPECT_NEAR(y.masked_select(moons.labels == 0).mean().item<double>(), 2 / M_PI, 0.03);
  EXPECT_NEAR(y.masked_select(moons.labels == 1).mean().item<double>(), 0.5 - 2 / M_PI, 0.03);
}

TEST(Glyphs, DigitsAreAsLikelyAndAreTheLabels) {
  const Dataset set = draw("glyphs", 10000, 0);
  EXPECT_TRUE(factor(set, "digit").equal(set.labels.to(at::kDouble)));
  const Tensor counts = at::bincount(set.labels, {}, 10).to(at::kDouble);
  EXPECT_LT(((counts - 1000).square() / 1000).sum().item<double>(), 27.9);  // chi squared, 9 degrees, p = 0.001
}

// Within a digit, so that the ways in which digits differ do not count; the hand's wobble keeps it below one.
TEST(Glyphs, FactorsAreWhatTheySay) {
  const Dataset set = draw("glyphs", 4000, 0);
  const Moments measured(set.examples.dense);
  const Tensor lean = factor(set, "slant") + factor(set, "rotation") * (M_PI / 180);
  for (int64_t digit = 0; digit < 10; ++digit) {
    const Tensor rows = (set.labels == digit).nonzero().squeeze(1);
    const auto agreement = [&](const Tensor& a, const Tensor& b) {
      return correlation(a.index_select(0, rows), b.index_select(0, rows));
    };
    EXPECT_GT(agreement(measured.slant, lean), 0.7) << digit;
    EXPECT_GT(agreement(measured.slant, factor(set, "slant")), 0.65) << digit;
    EXPECT_GT(agreement(measured.mass, factor(set, "thickness")), 0.7) << digit;
    EXPECT_GT(agreement(measured.x, factor(set, "x")), 0.6) << digit;
    EXPECT_GT(agreement(measured.y, factor(set, "y")), 0.5) << digit;
  }
  EXPECT_GT(correlation(measured.slant, factor(set, "slant")), 0.7);
}

// Everything else the same, one factor moves what it should.
TEST(Glyphs, EachFactorMovesThePictureAsNamed) {
  const auto ink = [](const GlyphStyle& style) {
    Tensor picture = at::empty({28, 28});
    Sequence hand(1);
    draw_ink(style, 28, hand, picture.mutable_data_ptr<float>());
    return picture * 255;
  };
  const GlyphStyle plain{.digit = 8, .thickness = 2.5, .width = 1};
  const auto with = [&](double GlyphStyle::*member, double value) {
    GlyphStyle style = plain;
    style.*member = value;
    return Moments(ink(style));
  };
  const Moments base(ink(plain));
  const auto change = [&](const Tensor& now, const Tensor& before) { return (now - before).item<double>(); };
  EXPECT_NEAR(change(with(&GlyphStyle::x, 1.5).x, base.x), 1.5, 0.1);
  EXPECT_NEAR(change(with(&GlyphStyle::y, -1.5).y, base.y), -1.5, 0.1);
  EXPECT_NEAR(change(with(&GlyphStyle::slant, 0.3).slant, base.slant), 0.3, 0.03);
  EXPECT_NEAR((with(&GlyphStyle::thickness, 3.0).mass / with(&GlyphStyle::thickness, 2.0).mass).item<double>(), 1.5,
              0.1);
  const auto extent = [&](double width) {
    GlyphStyle style = plain;
    style.width = width;
    return (ink(style).sum(0) > 100).sum().item<double>();
  };
  EXPECT_GT(extent(1.2), extent(0.75) + 4);
  // A clockwise turn leans the digit to the right.
  EXPECT_NEAR(change(with(&GlyphStyle::rotation, 15).slant, base.slant), 0.27 * 0.6, 0.12);
  EXPECT_GT(change(with(&GlyphStyle::rotation, 15).slant, base.slant), 0.05);
}

TEST(GlyphsColour, HuesAreWhatTheCornersAndTheInkShow) {
  const Dataset set = draw("glyphs-colour", 2000, 0);
  const Tensor corner = set.examples.dense.view({-1, 3, 32, 32}).select(2, 0).select(2, 0).to(at::kDouble);  // [N, 3]
  // The hue of a colour (r, g, b) is the direction of (r - (g + b) / 2, sqrt(3) / 2 (g - b)), nearly.
  const Tensor r = corner.select(1, 0), g = corner.select(1, 1), b = corner.select(1, 2);
  const Tensor measured = at::atan2(std::sqrt(3) / 2 * (g - b), r - (g + b) / 2) * (180 / M_PI);
  const Tensor stated = factor(set, "background-hue-degrees");
  const Tensor off = at::remainder(measured - stated + 180, 360) - 180;
  EXPECT_LT(off.abs().max().item<double>(), 6);
  for (const std::string ground : {"foreground", "background"}) {
    const Tensor classes = factor(set, ground + "-hue"), degrees = factor(set, ground + "-hue-degrees");
    EXPECT_LE((at::remainder(degrees - 36 * classes + 180, 360) - 180).abs().max().item<double>(), 9);
  }
  EXPECT_LT(std::abs(correlation(factor(set, "foreground-hue"), factor(set, "background-hue"))), 0.09);
}

TEST(Sine, AgreesWithTheLibraryToNineDigits) {
  for (double turns = -3; turns < 3; turns += 0.01)
    EXPECT_NEAR(sine(turns), std::sin(2 * M_PI * turns), 1e-9);
}

TEST(NearNormal, HasMeanZeroAndVarianceOne) {
  Sequence random(3);
  double sum = 0, squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const double value = near_normal(random);
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 1e5, 0, 0.013);  // four standard errors
  EXPECT_NEAR(squares / 1e5, 1, 0.015);
}

TEST(GlyphsMarked, OnlyThreeDigitsHaveALineAsLongAsItsFactorSays) {
  const Dataset set = draw("glyphs-marked", 1000, 0);
  const Tensor length = set.factors.back().values;
  const Tensor marked = set.labels.eq(2).logical_or(set.labels.eq(5)).logical_or(set.labels.eq(7));
  EXPECT_EQ(set.factors.back().name, "mark");
  EXPECT_TRUE(length.gt(0).equal(marked));
  const Tensor line = set.examples.dense.view({-1, 28, 28}).select(1, 26).eq(255).sum(1).masked_select(marked);
  EXPECT_TRUE(line.ge(length.masked_select(marked).floor()).all().item<bool>());
}

TEST(Drawn, NoiseIsWhatIsAskedForAndOnlyPointsHaveAny) {
  const Tensor still = draw("circles", 500, 0, 0).examples.dense.norm(2, {1});
  EXPECT_NEAR(at::minimum((still - 1).abs(), (still - 0.5).abs()).max().item<double>(), 0, 1e-6);
  EXPECT_TRUE(at::equal(draw("moons", 50, 0, 0.1).examples.dense, draw("moons", 50).examples.dense));
  EXPECT_THROW(draw("glyphs", 10, 0, 0.1), ArgumentError);
}

}  // namespace
}  // namespace cleave::data
