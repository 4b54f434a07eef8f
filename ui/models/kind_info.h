// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QVector>

namespace keelson::ui {

/// A column of a kind's table, besides those that all have (name, namespace, status, age).
struct ColumnInfo {
    QString title;
    /// How much of a table that is too narrow it gets, against the others that have a share; 0: it is shown whole.
    int share = 0;
    bool number = false; ///< Aligned to the right and compared as a number.
    /// Where not even the cut columns fit, those with a number here give way, the highest first.
    int spare = 0;
};

/// A kind of object that has a page: what the API calls it and how it is shown.
struct KindInfo {
    QString id;           ///< The page's name and the plural resource: "deployments".
    QString groupVersion; ///< "apps/v1", "v1"
    QString kind;         ///< "Deployment"
    QString title;        ///< "Deployments", translated.
    QString one;          ///< "deployment", translated.
    QString section;      ///< Of the sidebar: "workloads", "network", "config", "access", "cluster".
    QString icon;
    QStringList shortNames;
    bool namespaced = true;
    bool hasStatus = true; ///< Shows a status column.
    bool asTable = false;  ///< Listed as server-side tables: contents stay on the server.
    QVector<ColumnInfo> columns;

    /// "/apis/apps/v1/namespaces/shop/deployments/web"; without a name the collection, without a namespace that of all.
    QString path(const QString& nameSpace = {}, const QString& name = {}) const;
};

/// All kinds of this version, in the order of the sidebar. Made on first use; any thread after that.
const QVector<KindInfo>& kinds();
/// By id, kind or short name ("po"); null when there is none.
const KindInfo* findKind(const QString& name);

} // namespace keelson::ui
