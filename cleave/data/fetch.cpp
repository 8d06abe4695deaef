#include "cleave/data/fetch.h"

#include <array>
#include <fstream>
#include <memory>

#include <openssl/evp.h>
#include <spawn.h>
#include <sys/wait.h>

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/text.h"
#include "cleave/data/registered.h"

extern char** environ;

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

void require_checksum(const fs::path& file, const SourceFile& source, const std::string& origin) {
  if (source.checksum.empty()) return;
  std::string algorithm = source.checksum.substr(0, source.checksum.find(':'));
  std::string found = file_digest(file, algorithm);
  require<DataError>(found == source.checksum, "{}: its checksum is {}, not {}: it is damaged or another version",
                     origin, found, source.checksum);
}

bool is_there(const fs::path& file, const SourceFile& source) {
  if (!fs::is_regular_file(file)) return false;
  try {
    require_checksum(file, source, file.string());
    return true;
  } catch (const DataError&) {
    return false;  // damaged: it is fetched anew
  }
}

/// Where a mirror has a file: in the set's folder, or directly.
fs::path in_mirror(const fs::path& mirror, const RegisteredSet& set, const SourceFile& source) {
  for (const fs::path& file : {mirror / set.folder / source.name, mirror / source.name}) {
    if (fs::is_regular_file(file)) return file;
  }
  throw DataError(fmt::format("{}: {} is neither in {} nor in {}", set.name, source.name, mirror.string(),
                              (mirror / set.folder).string()));
}

/// A name beside a file under which it is made; what is left of it goes away with this object.
struct Unfinished {
  fs::path path;
  explicit Unfinished(const fs::path& goal) : path(temporary_name(goal)) {
    sweep_temporaries(goal.parent_path(), goal.filename().string());
  }
  ~Unfinished() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

void fetch_file(const RegisteredSet& set, const SourceFile& source, const fs::path& goal, const fs::path& mirror,
                const Download& download) {
  Unfinished unfinished(goal);
  std::string origin = source.address;
  if (!mirror.empty()) {
    fs::path original = in_mirror(mirror, set, source);
    fs::copy_file(original, unfinished.path);
    origin = original.string();
  } else {
    require<DataError>(!source.address.empty(), "{}: {} cannot be downloaded by itself; see {} and put it in {}",
                       set.name, source.name, set.source, goal.parent_path().string());
    download(source.address, unfinished.path);
  }
  require_checksum(unfinished.path, source, origin);
  fs::rename(unfinished.path, goal);
}

}  // namespace

void download_with_curl(const std::string& address, const fs::path& file) {
  std::string output = file.string();
  std::vector<const char*> arguments = {"curl",     "--fail",       "--location", "--silent",      "--show-error",
                                        "--output", output.c_str(), "--",         address.c_str(), nullptr};
  pid_t child = 0;
  int error = posix_spawnp(&child, "curl", nullptr, nullptr, const_cast<char**>(arguments.data()), environ);
  require<RunError>(error == 0, "the program curl, which downloads, could not be started; is it installed?");
  int status = 0;
  waitpid(child, &status, 0);
  require<RunError>(WIFEXITED(status) && WEXITSTATUS(status) == 0, "{}: downloading failed (curl ended with code {})",
                    address, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

std::vector<fs::path> fetch(const std::string& name, const fs::path& root, const fs::path& mirror,
                            const Download& download) {
  const RegisteredSet* set = find_registered(name);
  require<ArgumentError>(set != nullptr, "{}", unknown_name("data set", name, registered_names()));
  fs::create_directories(root / set->folder);
  std::vector<fs::path> files;
  for (const SourceFile& source : set->files) {
    files.push_back(root / set->folder / source.name);
    if (!is_there(files.back(), source)) fetch_file(*set, source, files.back(), mirror, download);
  }
  return files;
}

std::string file_digest(const fs::path& file, const std::string& algorithm) {
  std::ifstream input(file, std::ios::binary);
  require<DataError>(input.is_open(), "{}: cannot be read", file.string());
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool known = EVP_DigestInit_ex(context.get(), EVP_get_digestbyname(algorithm.c_str()), nullptr) == 1;
  require<ArgumentError>(known, "unknown checksum algorithm '{}'; known: md5, sha256", algorithm);
  std::vector<char> block(1 << 20);
  while (input.read(block.data(), std::ssize(block)) || input.gcount() > 0) {
    EVP_DigestUpdate(context.get(), block.data(), static_cast<size_t>(input.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &length);
  std::string text = algorithm + ":";
  for (unsigned i = 0; i < length; ++i)
    text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace cleave::data
