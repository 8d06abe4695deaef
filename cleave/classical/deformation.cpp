#include "cleave/classical/deformation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "cleave/base/error.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

constexpr int64_t kBlock = 16;        // images that a thread takes at a time
constexpr int64_t kImages = 4096;     // between two questions whether to stop
constexpr int64_t kVector = 16;       // values that go together in the loops: of constant length, so without remainders
constexpr int64_t kRowsPerCheck = 4;  // between two looks at whether a candidate can still be among the nearest

/// Where gradients lie in a buffer: planes of rows with a margin of zeros on all sides, the right one wide enough for
/// whole vectors to be read there.
struct Frame {
  Frame(const ImageShape& image, int64_t range)
      : shape(image),
        margin(range + 1),
        columns(whole_vectors(image.width)),
        reach(whole_vectors(image.width + 2)),
        stride(reach + kVector + 2 * margin),
        plane((image.height + 2 * margin) * stride),
        planes(2 * image.channels) {}

  static int64_t whole_vectors(int64_t length) { return (length + kVector - 1) / kVector * kVector; }

  ImageShape shape;
  int64_t margin;   ///< of zeros around the image
  int64_t columns;  ///< of the image, filled up to whole vectors
  int64_t reach;    ///< the same of the image and a column on either side
  int64_t stride;   ///< from a row to the next
  int64_t plane;    ///< values of a plane
  int64_t planes;   ///< horizontal and vertical gradients of each channel

  int64_t at(int64_t row, int64_t column) const { return (row + margin) * stride + column + margin; }
};

/// Sobel gradients, `steps` of them to a unit, of one channel with a border of zeros, [H + 2, W + 2], into rows
/// `stride` apart.
CLEAVE_FOR_EVERY_PROCESSOR void sobel(const float* channel, int64_t height, int64_t width, int64_t stride, float steps,
                                      int8_t* across, int8_t* down) {
  constexpr int32_t kPositive = 1024;  // a cast rounds down what is above zero
  const float scale = steps / 4;
  for (int64_t y = 0; y < height; ++y) {
    const float* top = channel + y * (width + 2);
    const float *middle = top + width + 2, *bottom = middle + width + 2;
    int8_t *to_right = across + y * stride, *to_bottom = down + y * stride;
    for (int64_t x = 0; x < width; ++x) {
      const float right = (top[x + 2] - top[x]) + 2 * (middle[x + 2] - middle[x]) + (bottom[x + 2] - bottom[x]);
      const float below = (bottom[x] - top[x]) + 2 * (bottom[x + 1] - top[x + 1]) + (bottom[x + 2] - top[x + 2]);
      to_right[x] = static_cast<int8_t>(static_cast<int32_t>(right * scale + (kPositive + 0.5F)) - kPositive);
      to_bottom[x] = static_cast<int8_t>(static_cast<int32_t>(below * scale + (kPositive + 0.5F)) - kPositive);
    }
  }
}

/// Gradients of all images, [N, planes, H, columns], a byte each: a quarter of what the images take at most.
std::vector<int8_t> gradients_of(const Tensor& images, const Frame& frame, double steps) {
  const int64_t n = images.size(0), rows = frame.shape.height * frame.columns;
  const auto [channels, height, width] = frame.shape;
  std::vector<int8_t> gradients(static_cast<size_t>(n * frame.planes * rows), 0);
  const auto* image = images.const_data_ptr<float>();
  for_each_block(n, kBlock, [&, channels = channels, height = height, width = width](RowRange block) {
    std::vector<float> bordered(static_cast<size_t>((height + 2) * (width + 2)), 0);  // a channel with zeros around it
    for (int64_t i = block.first * channels; i < block.last * channels; ++i) {
      for (int64_t y = 0; y < height; ++y)
        std::copy_n(image + (i * height + y) * width, width, bordered.data() + (y + 1) * (width + 2) + 1);
      int8_t* across = gradients.data() + 2 * i * rows;
      sobel(bordered.data(), height, width, frame.columns, static_cast<float>(steps), across, across + rows);
    }
  });
  return gradients;
}

/// Lays the gradients of one image [planes, H, columns] out as `frame` says; the margins stay as they are.
CLEAVE_FOR_EVERY_PROCESSOR void lay_out(const int8_t* gradients, const Frame& frame, int16_t* into) {
  const int64_t columns = frame.columns;
  for (int64_t plane = 0; plane < frame.planes; ++plane) {
    for (int64_t row = 0; row < frame.shape.height; ++row, gradients += columns) {
      int16_t* line = into + plane * frame.plane + frame.at(row, 0);
      for (int64_t block = 0; block < columns; block += kVector) {
#pragma omp simd
        for (int64_t x = block; x < block + kVector; ++x)
          line[x] = gradients[x];
      }
    }
  }
}

/// Room for what one pair of images needs on the way.
struct Room {
  Room(const Frame& frame, int64_t range)
      : shifts((2 * range + 1) * (2 * range + 1)),
        squares(static_cast<size_t>(shifts * frame.stride)),
        sums(static_cast<size_t>(shifts * 3 * frame.columns)),
        inside(static_cast<size_t>(frame.columns), 0) {
    std::fill_n(inside.begin(), frame.shape.width, uint16_t{0xffff});
  }
  int64_t shifts;
  std::vector<uint16_t> squares;  ///< [shifts, stride] squared differences in one row, from column -1 on
  std::vector<uint16_t> sums;     ///< [shifts, 3 rows, columns] of three neighbours in a row
  std::vector<uint16_t> inside;   ///< [columns] all bits for a column of the image, else none
};

/// Squared distance of the gradients `a` to `b`, in steps; kFar as soon as it is known to be above `limit`. All squares
/// of a row come before their sums: a sum reads across what was just written, for which a processor would have to wait.
constexpr int64_t kFar = std::numeric_limits<int64_t>::max();
CLEAVE_FOR_EVERY_PROCESSOR int64_t deformed_square(const int16_t* a, const int16_t* b, const Frame& frame,
                                                   int64_t range, int64_t limit, Room& room) {
  const int64_t height = frame.shape.height, shifts = room.shifts, planes = frame.planes, plane = frame.plane;
  const int64_t stride = frame.stride, columns = frame.columns, reach = frame.reach;
  uint32_t lanes[kVector] = {};
  int64_t total = 0;
  for (int64_t row = -1; row <= height; ++row) {  // the row that comes in; the windows around the row above are whole
    uint16_t* into = room.squares.data();
    for (int64_t down = -range; down <= range; ++down) {
      for (int64_t right = -range; right <= range; ++right, into += stride) {
        const int16_t* own = a + frame.at(row, -1);
        const int16_t* other = b + frame.at(row + down, right - 1);
        for (int64_t block = 0; block < reach; block += kVector) {
#pragma omp simd
          for (int64_t x = block; x < block + kVector; ++x) {
            const auto first = static_cast<int16_t>(own[x] - other[x]);
            const auto second = static_cast<int16_t>(own[plane + x] - other[plane + x]);
            into[x] = static_cast<uint16_t>(first * first + second * second);
          }
        }
        for (int64_t p = 2; p < planes; ++p) {
          const int16_t *more = own + p * plane, *others = other + p * plane;
          for (int64_t block = 0; block < reach; block += kVector) {
#pragma omp simd
            for (int64_t x = block; x < block + kVector; ++x) {
              const auto difference = static_cast<int16_t>(more[x] - others[x]);
              into[x] = static_cast<uint16_t>(into[x] + difference * difference);
            }
          }
        }
      }
    }
    const int64_t newest = (row + 1) % 3 * columns, older = (row + 2) % 3 * columns, oldest = (row + 3) % 3 * columns;
    for (int64_t block = 0; block < columns; block += kVector) {
      uint16_t least[kVector];
      std::fill_n(least, kVector, uint16_t{0xffff});
      for (int64_t shift = 0; shift < shifts; ++shift) {
        const uint16_t* square = room.squares.data() + shift * stride + block;
        uint16_t* sums = room.sums.data() + shift * 3 * columns + block;
#pragma omp simd
        for (int64_t x = 0; x < kVector; ++x) {
          const auto sum = static_cast<uint16_t>(square[x] + square[x + 1] + square[x + 2]);
          const auto window = static_cast<uint16_t>(sum + sums[older + x] + sums[oldest + x]);
          sums[newest + x] = sum;
          least[x] = window < least[x] ? window : least[x];
        }
      }
      if (row < 1) continue;
      const uint16_t* inside = room.inside.data() + block;
#pragma omp simd
      for (int64_t x = 0; x < kVector; ++x)
        lanes[x] += static_cast<uint32_t>(inside[x] & least[x]);
    }
    if (row % kRowsPerCheck != 0 && row < height) continue;
    for (uint32_t& lane : lanes)
      total += std::exchange(lane, 0);
    if (total > limit) return kFar;
  }
  return total;
}

/// How many steps of a gradient there are to the difference of the least and the greatest value: as many as let a whole
/// window fit 16 bits. Sobel gradients (divided by 4) of values within 1 have squared lengths up to 9/8, two of them
/// are at most sqrt(4.5) apart, and rounding adds sqrt(2) steps; 9 such squares of each channel go into a window.
double steps_of_gradients(int64_t channels) {
  const double furthest = std::sqrt(65535.0 / (9.0 * static_cast<double>(channels)));
  return (furthest - std::sqrt(2.0)) / std::sqrt(4.5);
}

/// Between the least and the greatest value, 0 included: of the zeros around the images too.
double span_of(const Tensor& images) {
  if (images.size(0) == 0) return 0;
  const auto [lowest, highest] = at::aminmax(images);  // not finite where a value is not; makes no copy of the images
  const double low = lowest.item<double>(), high = highest.item<double>();
  require<DataError>(std::isfinite(low) && std::isfinite(high),
                     "nearest_deformed: the images have values that are not finite");
  return std::max(high, 0.0) - std::min(low, 0.0);
}

}  // namespace

Neighbours nearest_deformed(const Tensor& queries, const Tensor& images, const Deformation& deformation,
                            const Tensor& candidates, int64_t k, const ShouldStop& should_stop) {
  const auto& [shape, range, given_span] = deformation;
  const bool among_themselves = queries.is_same(images);
  const Tensor theirs = checked_matrix(images, "nearest_deformed").to(at::kFloat);
  const Tensor ours = among_themselves ? theirs : checked_matrix(queries, "nearest_deformed").to(at::kFloat);
  const int64_t n = ours.size(0), features = theirs.size(1), offered = candidates.size(1);
  require<ArgumentError>(shape.channels * shape.height * shape.width == features && ours.size(1) == features,
                         "nearest_deformed: images of {} x {} x {} do not have {} and {} features", shape.channels,
                         shape.height, shape.width, ours.size(1), features);
  require<ArgumentError>(candidates.size(0) == n && 1 <= k && k <= offered,
                         "nearest_deformed: {} of {} candidates of {} rows for {} images", k, offered,
                         candidates.size(0), n);
  require<ArgumentError>(
      n == 0 || (candidates.min().item<int64_t>() >= 0 && candidates.max().item<int64_t>() < theirs.size(0)),
      "nearest_deformed: candidates that are no rows of the {} images", theirs.size(0));
  require<ArgumentError>(range >= 0, "nearest_deformed: a range of {} pixels", range);
  const double found_span = among_themselves ? span_of(theirs) : std::max(span_of(theirs), span_of(ours));
  require<ArgumentError>(given_span == 0 || found_span <= given_span * (1 + 1e-6),
                         "nearest_deformed: values that span {:.6g}, not {:.6g}", found_span, given_span);
  const double span = given_span > 0 ? given_span : found_span;
  const double steps = span > 1e-30 ? steps_of_gradients(shape.channels) / span : 1;
  const Frame frame(shape, range);
  const Tensor offers = candidates.contiguous();
  Neighbours nearest = {at::empty({n, k}, at::kLong), at::empty({n, k}, at::kDouble)};
  const std::vector<int8_t> their_gradients = gradients_of(theirs, frame, steps);
  const std::vector<int8_t> our_gradients = among_themselves ? std::vector<int8_t>() : gradients_of(ours, frame, steps);
  const int8_t* other_gradients = their_gradients.data();
  const int8_t* own_gradients = among_themselves ? other_gradients : our_gradients.data();
  const int64_t of_image = frame.planes * frame.shape.height * frame.columns, framed = frame.planes * frame.plane;
  const auto* offer = offers.const_data_ptr<int64_t>();
  auto* index = nearest.indices.data_ptr<int64_t>();
  auto* distance = nearest.distances.data_ptr<double>();
  for (int64_t begin = 0; begin < n; begin += kImages) {
    stop_if_asked(should_stop, "nearest_deformed");
    for_each_block(std::min(n - begin, kImages), kBlock, [&](RowRange block) {
      std::vector<int16_t> own(static_cast<size_t>(framed), 0), other(own);
      Room room(frame, range);
      std::vector<std::pair<int64_t, int64_t>> found;  // squared distance and position among the candidates
      for (int64_t i = begin + block.first; i < begin + block.last; ++i) {
        lay_out(own_gradients + i * of_image, frame, own.data());
        found.clear();
        for (int64_t j = 0; j < offered; ++j) {
          const int64_t limit = static_cast<int64_t>(found.size()) < k ? kFar : found.back().first;
          lay_out(other_gradients + offer[i * offered + j] * of_image, frame, other.data());
          const int64_t square = deformed_square(own.data(), other.data(), frame, range, limit, room);
          if (square >= limit) continue;
          if (static_cast<int64_t>(found.size()) == k) found.pop_back();
          const std::pair entry(square, j);
          found.insert(std::upper_bound(found.begin(), found.end(), entry), entry);
        }
        for (int64_t j = 0; j < k; ++j) {
          index[i * k + j] = offer[i * offered + found[static_cast<size_t>(j)].second];
          distance[i * k + j] = std::sqrt(static_cast<double>(found[static_cast<size_t>(j)].first)) / steps;
        }
      }
    });
  }
  return nearest;
}

}  // namespace cleave::classical
