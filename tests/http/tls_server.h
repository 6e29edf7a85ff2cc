// openssl's own server under a certificate that a test makes, and the ways in which one can be
// wrong. Loopback only, on a free port.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace switchyard {

struct Folder {
  std::string path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "http_tls_XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

inline void run(const std::string& command) {
  if (system((command + " 2>/dev/null").c_str()) != 0) std::abort();
}

// A certificate that signs itself, and its key beside it.
inline std::string certificate(const Folder& folder, const std::string& name) {
  const std::string file = folder.path + "/test.pem";
  run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test"
      " -days 2 -addext subjectAltName=" +
      name + " -keyout " + file + ".key -out " + file);
  return file;
}

// The same, signed again so that it ended yesterday.
inline std::string expired(const std::string& file) {
  const std::string key = file + ".key", old = file + ".old";
  run("openssl x509 -days -1 -in " + file + " -signkey " + key + " -out " + old);
  run("cp " + key + " " + old + ".key");
  return old;
}

class TlsServer {
 public:
  TlsServer(const std::string& certificate, std::vector<std::string> more) {
    const std::string key = certificate + ".key";
    std::vector<std::string> words = {
        "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate, "-key", key};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    child_ = fork();
    if (child_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
      execvp("openssl", arguments.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
    port_ = read_port();
  }
  ~TlsServer() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    close(output_);
  }
  std::string url() const { return "https://127.0.0.1:" + port_ + "/"; }

 private:
  // It says "ACCEPT 127.0.0.1:PORT" once it listens.
  std::string read_port() {
    std::string said;
    char c = 0;
    const std::string before = "ACCEPT 127.0.0.1:";
    while (read(output_, &c, 1) == 1) {
      said += c;
      const auto at = said.find(before);
      if (c == '\n' && at != std::string::npos)
        return said.substr(at + before.size(), said.size() - at - before.size() - 1);
    }
    std::abort();
  }

  pid_t child_ = 0;
  int output_ = -1;
  std::string port_;
};

}  // namespace switchyard
