// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/engine_address.h"

#include <fmt/format.h>

namespace keelson::localcluster {

Result<EngineAddress> parseEngineAddress(const QString& text, const QString& source)
{
    constexpr QLatin1String scheme("unix://");
    if (!text.startsWith(scheme) || !text.mid(scheme.size()).startsWith(QLatin1Char('/')))
        return fail(Reason::BadRequest,
                    fmt::format("{} is \"{}\": a local cluster needs a Docker engine of this machine, at an address "
                                "unix:///PATH. Name one, or leave {} away: then it is unix://{}",
                                source.toStdString(), text.toStdString(), source.toStdString(), defaultEngineSocket));
    return EngineAddress{text.mid(scheme.size()), source + QStringLiteral(" names")};
}

} // namespace keelson::localcluster
