// SPDX-License-Identifier: Apache-2.0
#include "support/control_plane_process.h"

#include <array>
#include <cstdint>

namespace keelson::support {
namespace {

/// The text behind `name` in the JSON or YAML of a file that we wrote ourselves: one line a field.
std::string fieldOf(const std::string& text, const std::string& name)
{
    const auto at = text.find(name);
    if (at == std::string::npos)
        return {};
    const auto first = text.find_first_not_of(" '\":", at + name.size());
    return text.substr(first, text.find_first_of("'\",\n}", first) - first);
}

std::string decodeBase64(const std::string& text)
{
    std::array<int, 256> values{};
    values.fill(-1);
    int next = 0;
    for (const unsigned char c : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
        values[c] = next++;
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const unsigned char c : text) {
        if (values[c] < 0)
            continue;
        bits = (bits << 6) | static_cast<std::uint32_t>(values[c]);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>((bits >> count) & 0xff));
        }
    }
    return bytes;
}

} // namespace

ControlPlaneProcess::ControlPlaneProcess(const std::filesystem::path& program, const std::filesystem::path& folder,
                                         const std::vector<std::string>& arguments)
    : m_folder(folder)
{
    const bool again = std::filesystem::exists(folder / "addresses.json");
    const std::string api = again ? apiAddress() : "127.0.0.1:0";
    const std::string agents = again ? agentAddress() : "127.0.0.1:0";
    std::filesystem::remove(folder / "addresses.json");
    std::vector<std::string> command{program.string(), "--data-dir", folder.string(), "--listen", api,
                                     "--agent-listen", agents};
    command.insert(command.end(), arguments.begin(), arguments.end());
    m_process = std::make_unique<Process>(command, folder.string() + ".log");
}

bool ControlPlaneProcess::waitReady(std::chrono::seconds limit)
{
    bool ready = false;
    eventually(limit, [&] {
        ready = std::filesystem::exists(m_folder / "addresses.json") &&
                run({"curl", "-ksf", "https://" + apiAddress() + "/readyz"}).ok();
        return ready || !m_process->running();
    });
    return ready;
}

std::string ControlPlaneProcess::apiAddress() const
{
    return fieldOf(readFile(m_folder / "addresses.json"), "\"api\"");
}

std::string ControlPlaneProcess::agentAddress() const
{
    return fieldOf(readFile(m_folder / "addresses.json"), "\"agents\"");
}

KubeconfigFacts readKubeconfig(const std::filesystem::path& path)
{
    const auto text = readFile(path);
    return {fieldOf(text, "server:"), decodeBase64(fieldOf(text, "certificate-authority-data:")),
            decodeBase64(fieldOf(text, "client-certificate-data:")), decodeBase64(fieldOf(text, "client-key-data:"))};
}

} // namespace keelson::support
