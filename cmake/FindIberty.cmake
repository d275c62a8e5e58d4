# libiberty: the demangler. Debian's libiberty-dev puts demangle.h in <include>/libiberty.
find_path(IBERTY_INCLUDE_DIR demangle.h PATH_SUFFIXES libiberty)
find_library(IBERTY_LIBRARY iberty)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Iberty REQUIRED_VARS IBERTY_LIBRARY IBERTY_INCLUDE_DIR)
if(Iberty_FOUND AND NOT TARGET Iberty::Iberty)
	add_library(Iberty::Iberty UNKNOWN IMPORTED)
	set_target_properties(Iberty::Iberty PROPERTIES
		IMPORTED_LOCATION "${IBERTY_LIBRARY}"
		INTERFACE_INCLUDE_DIRECTORIES "${IBERTY_INCLUDE_DIR}")
endif()
mark_as_advanced(IBERTY_INCLUDE_DIR IBERTY_LIBRARY)
