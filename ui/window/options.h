// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "widgets/theme.h"

#include <QSize>
#include <QString>
#include <QStringList>

#include <optional>

namespace keelson::ui {

/// What the command line asks for.
struct Options {
    QString kubeconfig; ///< Empty: the usual places.
    QString context;    ///< Empty: the current one.
    QString page;       ///< "overview", "topology", or a kind by id or short name.
    QString screenshot; ///< A file to render the page into, and end.
    QString select;     ///< Name of an object to select on the page, so that the inspector shows it.
    QString filter;     ///< Text for the page's filter box.
    /// For screenshots: "yaml", "logs", "events" or "rollouts" of the selected object; "apply", "compare" or
    /// "proposals" of the manifest that is open.
    QString dock;
    QStringList open; ///< Manifests and folders to open on the page of manifests.
    QSize size{1440, 900};
    std::optional<ThemeMode> theme;
    bool helpShown = false;
};

/// `BadRequest` names the flag that is wrong.
Result<Options> readOptions(const QStringList& arguments);
QString helpText();

} // namespace keelson::ui
