// SPDX-License-Identifier: Apache-2.0
#include "engine_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

namespace keelson::docker {

bool waitUntil(const std::function<bool()>& done)
{
    for (int i = 0; i < 2000; ++i) {
        if (done())
            return true;
        ::poll(nullptr, 0, 10);
    }
    return done();
}

EngineProcess& EngineProcess::shared()
{
    static EngineProcess process;
    return process;
}

EngineProcess::EngineProcess()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "keelson-engine-XXXXXX").string();
    m_folder = ::mkdtemp(pattern.data());
    std::vector<std::string> words{"dockerd",   "--data-root",    m_folder / "data", "--exec-root", m_folder / "exec",
                                   "--pidfile", m_folder / "pid", "--host",          address().text};
    m_process = ::fork();
    if (m_process == 0) {
        const int log = ::open((m_folder / "log").c_str(), O_CREAT | O_WRONLY, 0600);
        ::dup2(log, 1);
        ::dup2(log, 2);
        std::vector<char*> arguments;
        for (auto& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        ::execvp("dockerd", arguments.data());
        ::_exit(127);
    }
    if (!waitUntil([this] { return Connection::open(address()).has_value(); }))
        ADD_FAILURE() << "dockerd does not start; see " << m_folder / "log";
    importBusybox();
}

EngineProcess::~EngineProcess()
{
    ::kill(m_process, SIGTERM);
    ::waitpid(m_process, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(m_folder, ignored);
}

EngineAddress EngineProcess::address() const
{
    return *EngineAddress::parse("unix://" + (m_folder / "socket").string());
}

void EngineProcess::importBusybox() const
{
    const auto command =
        fmt::format("mkdir -p {0}/root/bin && cp \"$(command -v busybox)\" {0}/root/bin/ && for each in sh sleep cat "
                    "echo ls wget nslookup httpd nc hostname id mount touch; do ln -s busybox "
                    "{0}/root/bin/$each; done && tar -C {0}/root -c . | "
                    "docker -H unix://{0}/socket import - keelson-test/busybox:1 >/dev/null",
                    m_folder.string());
    EXPECT_EQ(std::system(command.c_str()), 0); // NOLINT(cert-env33-c)
}

} // namespace keelson::docker
