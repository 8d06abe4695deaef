#include "cleave/data/readers/hdf5.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/confined.h"
#include "cleave/data/readers/hdf5_library.h"
#include "cleave/data/readers/sparse.h"

namespace cleave::data {
namespace {

using hdf5::Array;
using hdf5::Group;
using Json = nlohmann::json;

constexpr int64_t kBlockBytes = 4 << 20;
// Of processor time: a file compressed a hundredfold takes less than a second per MiB.
constexpr double kSeconds = 0.5;
constexpr double kSecondsPerByte = 2.0 / (1 << 20);
constexpr uint64_t kLibraryBytes = 64 << 20;  // what the library needs for itself

// In the child process: find the parts of a data set and send each one -----------------------------------------------

/// Sends named parts: a JSON header, and for arrays the values behind it.
class Sender {
 public:
  Sender(Channel& out, uint64_t limit) : out_(&out), limit_(limit) {}

  Array describe(const Group& group, const std::string& member) const {
    return hdf5::describe(group.array(member), group.path() + "/" + member, limit_);
  }

  void send(const std::string& part, const Array& array) {
    if (array.type == "text") return send(part, hdf5::read_words(array));
    send_numbers(part, array);
  }

  void send_numbers(const std::string& part, const Array& array) {
    require<DataError>(array.memory_type >= 0 && array.type != "text", "{}: expected numbers", array.path);
    send_header({{"part", part}, {"type", array.type}, {"shape", array.shape}});
    const int64_t row_bytes = array.row_elements() * array.element_size;
    if (row_bytes == 0 || array.rows() == 0) return;
    const int64_t whole_chunks = std::max<int64_t>(kBlockBytes / row_bytes / array.chunk_rows, 1);
    const int64_t block = std::clamp<int64_t>(whole_chunks * array.chunk_rows, 1, std::max<int64_t>(array.rows(), 1));
    Bytes rows(static_cast<size_t>(block * row_bytes));
    for (int64_t first = 0; first < array.rows(); first += block) {
      int64_t count = std::min(block, array.rows() - first);
      hdf5::read_rows(array, first, count, rows.data());
      out_->send({rows.data(), static_cast<size_t>(count * row_bytes)});
    }
  }

  void send(const std::string& part, const std::vector<std::string>& words) {
    send_header({{"part", part}, {"words", words}});
  }
  void send(const std::string& part, const std::vector<int64_t>& numbers) {
    send_header({{"part", part}, {"numbers", numbers}});
  }
  void end() { send_header({{"part", "end"}}); }

 private:
  void send_header(const Json& header) {
    out_->send(as_bytes(header.dump(-1, ' ', true, Json::error_handler_t::replace)));
  }

  Channel* out_;
  uint64_t limit_;
};

/// The member that holds examples: by name, else the only numeric array of two or more axes; empty when there is none.
std::string find_examples(const Sender& sender, const Group& group) {
  std::vector<std::string> arrays, matrices;
  for (const std::string& member : group.members()) {
    if (group.has_array(member)) arrays.push_back(member);
  }
  if (std::string named = first_match(arrays, example_names()); !named.empty()) return named;
  for (const std::string& member : arrays) {
    Array array = sender.describe(group, member);
    if (array.shape.size() >= 2 && !array.type.empty() && array.type != "text") matrices.push_back(member);
  }
  return matrices.size() == 1 ? matrices[0] : "";
}

/// Sends what one group holds; false when it holds no examples.
bool send_plain(Sender& sender, const Group& group, const std::string& label_column) {
  std::string examples = find_examples(sender, group);
  if (examples.empty()) return false;
  require<DataError>(label_column.empty() || group.has_array(label_column), "{}: {}", group.path(),
                     unknown_name("data set", label_column, group.members()));
  std::string labels = label_column.empty() ? first_match(group.members(), label_names()) : label_column;
  sender.send_numbers("examples", sender.describe(group, examples));
  if (group.has_array(labels)) sender.send("labels", sender.describe(group, labels));
  return true;
}

/// AnnData: the index of obs or var, whose name an attribute of the group tells.
void send_index(Sender& sender, const Group& group, const std::string& part) {
  std::string index = group.text_attribute("_index");
  if (index.empty()) index = "_index";
  if (group.has_array(index)) sender.send(part, sender.describe(group, index));
}

/// AnnData: a column of obs: plain, or categorical as codes into categories, in the newer or older layout.
void send_column(Sender& sender, const Group& obs, const std::string& column) {
  require<DataError>(obs.has(column), "{}: {}", obs.path(), unknown_name("column", column, obs.members()));
  if (obs.has_group(column)) {
    Group categorical = obs.group(column);
    require<DataError>(categorical.has_array("codes") && categorical.has_array("categories"),
                       "{}: expected a column of numbers, text or categories", categorical.path());
    sender.send("categories", sender.describe(categorical, "categories"));
    return sender.send("codes", sender.describe(categorical, "codes"));
  }
  if (obs.has_group("__categories") && obs.group("__categories").has_array(column)) {
    sender.send("categories", sender.describe(obs.group("__categories"), column));
    return sender.send("codes", sender.describe(obs, column));
  }
  sender.send("labels", sender.describe(obs, column));
}

void send_annotated(Sender& sender, const Group& root, const std::string& label_column) {
  if (root.has_array("X")) {
    sender.send_numbers("examples", sender.describe(root, "X"));
  } else {
    require<DataError>(root.has_group("X"), "{}: an AnnData file without X", root.path());
    Group x = root.group("X");
    std::string layout = x.text_attribute("encoding-type");
    if (layout.empty()) layout = x.text_attribute("h5sparse_format");
    std::vector<int64_t> shape = x.number_attribute("shape");
    if (shape.empty()) shape = x.number_attribute("h5sparse_shape");
    sender.send("layout", std::vector<std::string>{layout});
    sender.send("shape", shape);
    for (const char* part : {"indptr", "indices", "data"})
      sender.send(part, sender.describe(x, part));
  }
  Group obs = root.group("obs");
  send_index(sender, obs, "ids");
  send_index(sender, root.group("var"), "feature_names");
  if (!label_column.empty()) send_column(sender, obs, label_column);
}

void send_file(ByteView bytes, const std::string& name, const std::string& label_column, Channel& out) {
  Sender sender(out, decompressed_limit(bytes.size()));
  Group root(hdf5::open_image(bytes, name), name);
  if (root.has_group("obs") && root.has_group("var")) {
    send_annotated(sender, root, label_column);
  } else if (root.has_group("train") && root.has_group("test")) {
    bool both =
        send_plain(sender, root.group("train"), label_column) && send_plain(sender, root.group("test"), label_column);
    require<DataError>(both, "{}: found groups train and test, but not the examples in both; name them data", name);
  } else {
    require<DataError>(send_plain(sender, root, label_column),
                       "{}: found no examples among: {}; name the data set of the examples X, and of the labels Y",
                       name, join(root.members()));
  }
  sender.end();
}

// In this process: receive the parts and put the data set together ---------------------------------------------------

struct Parts {
  std::map<std::string, std::vector<Tensor>> arrays;
  std::map<std::string, std::vector<std::string>> words;
  std::map<std::string, std::vector<int64_t>> numbers;

  /// The pieces of a part, one after another: those of train and test. Throws DataError when they differ in width.
  Tensor array(const std::string& part, const std::string& name) const {
    auto found = arrays.find(part);
    require<DataError>(found != arrays.end(), "{}: expected numbers in {}", name, part);
    const std::vector<Tensor>& pieces = found->second;
    for (const Tensor& piece : pieces) {
      require<DataError>(
          piece.dim() == pieces[0].dim() && piece.dim() > 0 && piece.sizes().slice(1) == pieces[0].sizes().slice(1),
          "{}: the {} of train and test differ in shape", name, part);
    }
    return pieces.size() == 1 ? pieces[0] : at::cat(pieces);
  }
};

at::ScalarType scalar_type(const std::string& type) {
  if (type == "u1") return at::kByte;
  if (type == "i4") return at::kInt;
  if (type == "i8") return at::kLong;
  return type == "f4" ? at::kFloat : at::kDouble;
}

Tensor receive_array(const Json& header, const std::string& name, uint64_t& left, Channel& in) {
  auto shape = header.at("shape").get<std::vector<int64_t>>();
  at::ScalarType type = scalar_type(header.at("type"));
  uint64_t elements = static_cast<uint64_t>(checked_product(shape, name));
  require<DataError>(elements <= left / at::elementSize(type), "{}: {} more values are more than the file can hold",
                     name, elements);
  uint64_t size = elements * at::elementSize(type);
  left -= size;
  Tensor array = at::empty(shape, type);
  in.receive({static_cast<uint8_t*>(array.mutable_data_ptr()), size});
  return array;
}

Parts receive_parts(const std::string& name, uint64_t limit, Channel& in) {
  Parts parts;
  uint64_t left = limit;
  for (;;) {
    Json header = Json::parse(in.receive(limit), nullptr, /*allow_exceptions=*/false);
    require<DataError>(header.is_object() && header.contains("part"), "{}: the file is damaged", name);
    const std::string part = header["part"];
    if (part == "end") return parts;
    if (header.contains("words")) {
      auto words = header["words"].get<std::vector<std::string>>();
      parts.words[part].insert(parts.words[part].end(), words.begin(), words.end());
    } else if (header.contains("numbers"))
      parts.numbers[part] = header["numbers"].get<std::vector<int64_t>>();
    else
      parts.arrays[part].push_back(receive_array(header, name, left, in));
  }
}

Dataset assemble_sparse(const Parts& parts, const std::string& name) {
  require<DataError>(parts.words.contains("layout") && parts.numbers.contains("shape"), "{}: no examples in X", name);
  const std::string& layout = parts.words.at("layout").at(0);
  const std::vector<int64_t>& shape = parts.numbers.at("shape");
  bool by_row = layout == "csr_matrix" || layout == "csr";
  bool by_column = layout == "csc_matrix" || layout == "csc";
  require<DataError>((by_row || by_column) && shape.size() == 2, "{}/X: expected csr or csc of two axes but it is '{}'",
                     name, layout);
  CompressedMatrix stored = {parts.array("indptr", name), parts.array("indices", name), parts.array("data", name),
                             shape[0], shape[1]};
  Dataset dataset;
  dataset.name = name;
  dataset.examples.sparse = by_row ? sparse_rows(stored, name + "/X") : sparse_rows_of_columns(stored, name + "/X");
  dataset.kind = guess_kind(dataset.examples);
  dataset.shape = {dataset.width()};
  return dataset;
}

/// Labels of a categorical column: the codes as they are, each class named by its category; -1 is unknown.
void set_categories(Dataset& dataset, const Parts& parts) {
  std::vector<std::string> names;
  if (parts.words.contains("categories")) {
    names = parts.words.at("categories");
  } else {
    Tensor categories = parts.array("categories", dataset.name).reshape(-1).to(at::kDouble);
    for (int64_t k = 0; k < categories.numel(); ++k)
      names.push_back(fmt::format("{}", categories[k].item<double>()));
  }
  Tensor codes = parts.array("codes", dataset.name).reshape(-1).to(at::kLong);
  require<DataError>(codes.numel() == dataset.size(), "{}: {} labels for {} examples", dataset.name, codes.numel(),
                     dataset.size());
  bool in_range = codes.ge(-1).logical_and(codes.lt(static_cast<int64_t>(names.size()))).all().item<bool>();
  require<DataError>(in_range, "{}: a label code lies outside of its {} categories", dataset.name, names.size());
  dataset.labels = codes;
  dataset.label_names = names;
}

Dataset assemble(const Parts& parts, const std::string& name) {
  auto words = [&](const char* part) {
    auto found = parts.words.find(part);
    return found == parts.words.end() ? std::vector<std::string>{} : found->second;
  };
  Dataset dataset;
  if (parts.arrays.contains("examples")) {
    const std::vector<Tensor>& pieces = parts.arrays.at("examples");
    dataset = dataset_of_array(parts.array("examples", name), name);
    if (pieces.size() == 2) dataset.train_count = pieces[0].size(0);
  } else {
    dataset = assemble_sparse(parts, name);
  }
  if (parts.arrays.contains("labels"))
    set_labels(dataset, parts.array("labels", name));
  else if (parts.words.contains("labels"))
    set_labels(dataset, words("labels"));
  if (parts.arrays.contains("codes")) set_categories(dataset, parts);
  dataset.ids = words("ids");
  dataset.feature_names = words("feature_names");
  return dataset;
}

}  // namespace

bool is_hdf5(ByteView bytes) {
  constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
  for (size_t start : {0, 512, 1024, 2048}) {  // behind a user block of such a size, if any
    if (bytes.size() > start && as_text(bytes.subspan(start)).starts_with(kSignature)) return true;
  }
  return false;
}

Dataset read_hdf5(ByteView bytes, const std::string& name, const std::string& label_column) {
  require<DataError>(is_hdf5(bytes), "{}: not an HDF5 file: its signature is missing at byte 0", name);
  const uint64_t limit = decompressed_limit(bytes.size());
  const double seconds = kSeconds + kSecondsPerByte * static_cast<double>(bytes.size());
  try {
    Parts parts;
    run_confined(
        name, limit + kLibraryBytes, seconds, [&](Channel& out) { send_file(bytes, name, label_column, out); },
        [&](Channel& in) { parts = receive_parts(name, limit, in); });
    return assemble(parts, name);
  } catch (const Json::exception& error) {  // a child whose memory the file has damaged may send anything
    throw DataError(fmt::format("{}: the file is damaged: {}", name, error.what()));
  }
}

}  // namespace cleave::data
