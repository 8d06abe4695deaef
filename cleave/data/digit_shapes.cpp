#include "cleave/data/digit_shapes.h"

#include <array>
#include <cstddef>

namespace cleave::data {

namespace {

Knot at(double x, double y) {
  return {{x, y}, false};
}
Knot corner(double x, double y) {
  return {{x, y}, true};
}
Stroke open(std::vector<Knot> knots) {
  return {std::move(knots), false};
}
Stroke closed(std::vector<Knot> knots) {
  return {std::move(knots), true};
}

using Ways = std::vector<Shape>;

Ways zero() {
  const Stroke oval =
      closed({at(.5, 0), at(.14, .2), at(.04, .55), at(.2, .9), at(.52, 1), at(.85, .85), at(.96, .48), at(.84, .13)});
  const Stroke narrow =
      closed({at(.55, 0), at(.28, .25), at(.2, .6), at(.33, .93), at(.55, 1), at(.76, .78), at(.82, .4), at(.74, .1)});
  const Stroke unfinished = open({at(.68, .06), at(.4, .02), at(.12, .26), at(.05, .6), at(.25, .95), at(.6, .98),
                                  at(.92, .7), at(.92, .28), at(.62, .0), at(.36, .1)});
  return {{oval}, {narrow}, {unfinished}};
}

Ways one() {
  const Stroke stick = open({at(.5, 0), at(.5, .5), at(.5, 1)});
  const Stroke flagged = open({at(.2, .26), corner(.55, 0), at(.54, .5), at(.53, 1)});
  const Stroke foot = open({at(.18, 1), at(.86, .99)});
  return {{stick}, {flagged}, {flagged, foot}};
}

Ways two() {
  const Stroke plain = open({at(.08, .24), at(.28, .04), at(.65, .01), at(.88, .22), at(.76, .48), at(.42, .76),
                             corner(.06, .99), at(.52, .97), at(.98, .97)});
  const Stroke looped = open({at(.12, .2), at(.36, .02), at(.74, .06), at(.84, .3), at(.6, .64), at(.24, .94),
                              at(.06, .9), at(.16, .76), at(.4, .84), at(.66, .97), at(.98, .88)});
  const Stroke round = open({at(.1, .14), at(.45, 0), at(.85, .12), at(.84, .38), at(.5, .6), at(.16, .8),
                             corner(.1, .98), at(.5, 1), at(.94, .96)});
  return {{plain}, {looped}, {round}};
}

Ways three() {
  const Stroke round = open({at(.1, .12), at(.42, 0), at(.8, .1), at(.8, .33), corner(.4, .47), at(.84, .57),
                             at(.92, .8), at(.6, .99), at(.26, .98), at(.04, .86)});
  const Stroke flat = open({at(.1, .03), at(.5, .02), corner(.9, .02), corner(.46, .4), at(.84, .52), at(.92, .78),
                            at(.6, .99), at(.08, .92)});
  const Stroke looped = open({at(.14, .1), at(.5, 0), at(.8, .16), at(.66, .4), at(.42, .5), at(.36, .44), at(.5, .42),
                              at(.84, .58), at(.88, .82), at(.54, 1), at(.06, .88)});
  return {{round}, {flat}, {looped}};
}

Ways four() {
  const Stroke angle = open({at(.26, .02), corner(.08, .58), at(.5, .57), at(.96, .55)});
  const Stroke bowl = open({at(.12, .04), at(.1, .34), at(.28, .54), at(.6, .52), at(.86, .42)});
  const Stroke triangle = open({at(.68, 0), corner(.03, .66), at(.5, .66), at(.99, .65)});
  return {{angle, open({at(.74, .1), at(.71, .55), at(.68, 1)})},
          {bowl, open({at(.88, .02), at(.84, .5), at(.8, 1)})},
          {triangle, open({at(.68, 0), at(.68, .5), at(.68, 1)})}};
}

Ways five() {
  const Stroke angular = open({at(.9, .02), corner(.24, .03), corner(.15, .45), at(.5, .36), at(.87, .52), at(.9, .8),
                               at(.6, .99), at(.27, .98), at(.05, .88)});
  const Stroke belly =
      open({at(.3, .04), corner(.17, .42), at(.55, .38), at(.86, .6), at(.78, .88), at(.44, 1), at(.06, .93)});
  const Stroke hat = open({at(.3, .05), at(.94, 0)});
  const Stroke flowing = open({at(.92, .04), at(.5, .03), at(.22, .14), at(.22, .38), at(.56, .45), at(.88, .64),
                               at(.78, .92), at(.42, 1), at(.05, .9)});
  return {{angular}, {belly, hat}, {flowing}};
}

Ways six() {
  const Stroke sweeping = open({at(.76, .01), at(.4, .22), at(.14, .56), at(.12, .82), at(.4, 1), at(.8, .92),
                                at(.9, .7), at(.64, .53), at(.32, .6), at(.13, .78)});
  const Stroke upright = open({at(.34, 0), at(.16, .34), at(.12, .72), at(.34, .99), at(.74, .97), at(.88, .76),
                               at(.68, .57), at(.36, .62), at(.15, .8)});
  const Stroke hooked = open({at(.88, .14), at(.6, .0), at(.26, .18), at(.08, .56), at(.18, .9), at(.54, 1),
                              at(.88, .82), at(.78, .58), at(.44, .5), at(.12, .68)});
  return {{sweeping}, {upright}, {hooked}};
}

Ways seven() {
  const Stroke plain = open({at(.05, .04), at(.5, .04), corner(.95, .03), at(.64, .48), at(.38, 1)});
  const Stroke serif =
      open({at(.07, .22), corner(.1, .04), at(.5, .05), corner(.94, .02), at(.72, .4), at(.6, .7), at(.54, 1)});
  const Stroke bar = open({at(.26, .52), at(.88, .48)});
  return {{plain}, {plain, bar}, {serif}};
}

Ways eight() {
  const Stroke crossing = closed({at(.84, .12), at(.5, 0), at(.16, .18), at(.44, .45), at(.84, .7), at(.78, .93),
                                  at(.42, 1), at(.1, .84), at(.34, .56), at(.76, .32)});
  const Stroke head = closed({at(.5, 0), at(.2, .1), at(.2, .35), at(.5, .46), at(.8, .35), at(.8, .1)});
  const Stroke body = closed({at(.5, .46), at(.12, .6), at(.1, .86), at(.5, 1), at(.9, .86), at(.88, .6)});
  const Stroke open_top = open({at(.86, .06), at(.52, .02), at(.2, .16), at(.4, .44), at(.78, .68), at(.72, .94),
                                at(.36, .99), at(.16, .8), at(.4, .52), at(.74, .3), at(.93, .1)});
  return {{crossing}, {head, body}, {open_top}};
}

Ways nine() {
  const Stroke straight = open({at(.82, .16), at(.52, .0), at(.16, .14), at(.15, .4), at(.48, .52), at(.78, .36),
                                corner(.86, .1), at(.83, .55), at(.78, 1)});
  const Stroke curled = open({at(.84, .2), at(.56, .01), at(.2, .12), at(.16, .38), at(.46, .5), at(.78, .36),
                              corner(.86, .1), at(.9, .5), at(.74, .9), at(.42, 1), at(.14, .92)});
  const Stroke leaning = open(
      {at(.76, .06), at(.4, .02), at(.1, .24), at(.26, .5), at(.62, .42), corner(.84, .08), at(.66, .55), at(.42, 1)});
  return {{straight}, {curled}, {leaning}};
}

}  // namespace

const std::vector<Shape>& digit_shapes(int digit) {
  static const std::array<Ways, 10> all = {zero(), one(), two(),   three(), four(),
                                           five(), six(), seven(), eight(), nine()};
  return all.at(static_cast<size_t>(digit));
}

}  // namespace cleave::data
