// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/form.h"

#include <QStyledItemDelegate>

namespace keelson::ui {

/// Draws and edits the rows of a form: the name of the field, its value or what holds without one, and a button.
class FormDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    enum Role { RequiredRole = Qt::UserRole + 1, SetRole, HintRole, ChoicesRole, ButtonRole };
    enum class Button { None, Add, TakeOut };
    static Button buttonOf(const design::FormRow& row);

    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void setEditorData(QWidget* editor, const QModelIndex& index) const override;
    void setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override;
};

} // namespace keelson::ui
