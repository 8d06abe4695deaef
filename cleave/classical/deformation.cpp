#include "cleave/classical/deformation.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "cleave/base/error.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

constexpr int64_t kBlock = 16;        // images that a thread takes at a time
constexpr int64_t kImages = 4096;     // between two questions whether to stop
constexpr int64_t kVector = 8;        // values that go together in the loops: of constant length, so without remainders
constexpr int64_t kRowsPerCheck = 4;  // between two looks at whether a candidate can still be among the nearest

/// Where gradients lie in a buffer: planes of rows with a margin of zeros on all sides, the right one wide enough for
/// whole vectors to be read there.
struct Frame {
  Frame(const ImageShape& image, int64_t range)
      : shape(image),
        margin(range + 1),
        columns((image.width + kLaneCount - 1) / kLaneCount * kLaneCount),
        stride(columns + kLaneCount + 2 * margin),
        plane((image.height + 2 * margin) * stride),
        planes(2 * image.channels) {}

  ImageShape shape;
  int64_t margin;   ///< of zeros around the image
  int64_t columns;  ///< of the image, filled up to whole vectors
  int64_t stride;   ///< from a row to the next
  int64_t plane;    ///< values of a plane
  int64_t planes;   ///< horizontal and vertical gradients of each channel

  int64_t at(int64_t row, int64_t column) const { return (row + margin) * stride + column + margin; }
};

/// Sobel gradients of one channel with a border of zeros, [H + 2, W + 2], into rows `stride` apart.
CLEAVE_FOR_EVERY_PROCESSOR void sobel(const float* channel, int64_t height, int64_t width, int64_t stride,
                                      float* across, float* down) {
  for (int64_t y = 0; y < height; ++y) {
    const float* top = channel + y * (width + 2);
    const float *middle = top + width + 2, *bottom = middle + width + 2;
    float *to_right = across + y * stride, *to_bottom = down + y * stride;
#pragma omp simd
    for (int64_t x = 0; x < width; ++x) {
      to_right[x] = ((top[x + 2] - top[x]) + 2 * (middle[x + 2] - middle[x]) + (bottom[x + 2] - bottom[x])) / 4;
      to_bottom[x] = ((bottom[x] - top[x]) + 2 * (bottom[x + 1] - top[x + 1]) + (bottom[x + 2] - top[x + 2])) / 4;
    }
  }
}

/// The gradients of one image after another, laid out as `frame` says.
class Gradients {
 public:
  explicit Gradients(const Frame& frame)
      : frame_(frame),
        bordered_(static_cast<size_t>((frame.shape.height + 2) * (frame.shape.width + 2)), 0),
        values_(static_cast<size_t>(frame.planes * frame.plane), 0) {}

  const float* of(const float* image) {  // [C, H, W]
    const auto [channels, height, width] = frame_.shape;
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = 0; y < height; ++y)
        std::copy_n(image + (c * height + y) * width, width, bordered_.data() + (y + 1) * (width + 2) + 1);
      float* across = values_.data() + 2 * c * frame_.plane + frame_.at(0, 0);
      sobel(bordered_.data(), height, width, frame_.stride, across, across + frame_.plane);
    }
    return values_.data();
  }

 private:
  const Frame& frame_;
  std::vector<float> bordered_;  ///< a channel with zeros around it
  std::vector<float> values_;
};

/// Room for what one pair of images needs on the way.
struct Room {
  Room(const Frame& frame, int64_t range)
      : shifts((2 * range + 1) * (2 * range + 1)),
        squares(static_cast<size_t>(shifts * frame.stride)),
        sums(static_cast<size_t>(shifts * 3 * frame.columns)),
        inside(static_cast<size_t>(frame.columns), 0) {
    std::fill_n(inside.begin(), frame.shape.width, 1.0F);
  }
  int64_t shifts;
  std::vector<float> squares;  ///< [shifts, stride] squared differences in one row, from column -1 on
  std::vector<float> sums;     ///< [shifts, 3 rows, columns] of three neighbours in a row
  std::vector<float> inside;   ///< [columns] 1 for a column of the image, else 0
};

/// Squared distance of the gradients `a` to `b`; infinite as soon as it is known to be above `limit`. All squares of a
/// row come before their sums: a sum reads across what was just written, for which a processor would have to wait.
CLEAVE_FOR_EVERY_PROCESSOR double deformed_square(const float* a, const float* b, const Frame& frame, int64_t range,
                                                  double limit, Room& room) {
  const int64_t height = frame.shape.height, read = frame.columns + kVector, shifts = room.shifts;
  const int64_t stride = frame.stride, columns = frame.columns, planes = frame.planes, plane = frame.plane;
  float lanes[kLaneCount] = {};
  for (int64_t row = -1; row <= height; ++row) {  // the row that comes in; the windows around the row above are whole
    float* into = room.squares.data();
    for (int64_t down = -range; down <= range; ++down) {
      for (int64_t right = -range; right <= range; ++right, into += stride) {
        const float* own = a + frame.at(row, -1);
        const float* other = b + frame.at(row + down, right - 1);
        for (int64_t block = 0; block < read; block += kVector) {
#pragma omp simd
          for (int64_t x = block; x < block + kVector; ++x) {
            const float first = own[x] - other[x], second = own[plane + x] - other[plane + x];
            into[x] = first * first + second * second;
          }
        }
        for (int64_t p = 2; p < planes; ++p) {
          const float *more = own + p * plane, *others = other + p * plane;
          for (int64_t block = 0; block < read; block += kVector) {
#pragma omp simd
            for (int64_t x = block; x < block + kVector; ++x) {
              const float difference = more[x] - others[x];
              into[x] += difference * difference;
            }
          }
        }
      }
    }
    const int64_t newest = (row + 1) % 3 * columns, older = (row + 2) % 3 * columns, oldest = (row + 3) % 3 * columns;
    for (int64_t block = 0; block < columns; block += kVector) {
      float least[kVector];
      std::fill_n(least, kVector, std::numeric_limits<float>::infinity());
      for (int64_t shift = 0; shift < shifts; ++shift) {
        const float* square = room.squares.data() + shift * stride + block;
        float* sums = room.sums.data() + shift * 3 * columns + block;
#pragma omp simd
        for (int64_t x = 0; x < kVector; ++x) {
          const float sum = square[x] + square[x + 1] + square[x + 2];
          const float window = sum + sums[older + x] + sums[oldest + x];
          sums[newest + x] = sum;
          least[x] = window < least[x] ? window : least[x];
        }
      }
      if (row < 1) continue;
      const float* inside = room.inside.data() + block;
      float* lane = lanes + block % kLaneCount;
#pragma omp simd
      for (int64_t x = 0; x < kVector; ++x)
        lane[x] += inside[x] * least[x];
    }
    if (row % kRowsPerCheck == 0 && sum_lanes(lanes) > limit) return kInfinity;
  }
  return sum_lanes(lanes);
}

}  // namespace

Neighbours nearest_deformed(const Tensor& x, const ImageShape& shape, const Tensor& candidates, int64_t k,
                            int64_t range, const ShouldStop& should_stop) {
  const Tensor images = checked_matrix(x, "nearest_deformed").to(at::kFloat);
  const int64_t n = images.size(0), features = images.size(1), offered = candidates.size(1);
  require<ArgumentError>(shape.channels * shape.height * shape.width == features,
                         "nearest_deformed: images of {} x {} x {} do not have {} features", shape.channels,
                         shape.height, shape.width, features);
  require<ArgumentError>(candidates.size(0) == n && 1 <= k && k <= offered,
                         "nearest_deformed: {} of {} candidates of {} rows for {} images", k, offered,
                         candidates.size(0), n);
  require<ArgumentError>(candidates.min().item<int64_t>() >= 0 && candidates.max().item<int64_t>() < n,
                         "nearest_deformed: candidates that are no rows of the {} images", n);
  require<ArgumentError>(range >= 0, "nearest_deformed: a range of {} pixels", range);
  const auto [least, most] = at::aminmax(images);  // not finite where a value is not; makes no copy of the images
  require<DataError>(std::isfinite(least.item<float>()) && std::isfinite(most.item<float>()),
                     "nearest_deformed: the images have values that are not finite");

  const Frame frame(shape, range);
  const Tensor offers = candidates.contiguous();
  Neighbours nearest = {at::empty({n, k}, at::kLong), at::empty({n, k}, at::kDouble)};
  const auto* image = images.const_data_ptr<float>();
  const auto* offer = offers.const_data_ptr<int64_t>();
  auto* index = nearest.indices.data_ptr<int64_t>();
  auto* distance = nearest.distances.data_ptr<double>();
  for (int64_t begin = 0; begin < n; begin += kImages) {
    stop_if_asked(should_stop, "nearest_deformed");
    for_each_block(std::min(n - begin, kImages), kBlock, [&](RowRange block) {
      Gradients own(frame), other(frame);
      Room room(frame, range);
      std::vector<std::pair<double, int64_t>> found;  // squared distance and position among the candidates
      for (int64_t i = begin + block.first; i < begin + block.last; ++i) {
        const float* gradients = own.of(image + i * features);
        found.clear();
        for (int64_t j = 0; j < offered; ++j) {
          const double limit = static_cast<int64_t>(found.size()) < k ? kInfinity : found.back().first;
          const float* others = other.of(image + offer[i * offered + j] * features);
          const double square = deformed_square(gradients, others, frame, range, limit, room);
          if (square >= limit) continue;
          if (static_cast<int64_t>(found.size()) == k) found.pop_back();
          const std::pair entry(square, j);
          found.insert(std::upper_bound(found.begin(), found.end(), entry), entry);
        }
        for (int64_t j = 0; j < k; ++j) {
          index[i * k + j] = offer[i * offered + found[static_cast<size_t>(j)].second];
          distance[i * k + j] = std::sqrt(found[static_cast<size_t>(j)].first);
        }
      }
    });
  }
  return nearest;
}

}  // namespace cleave::classical
